using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Lets one at a time work on an artifact. Keeps nothing of artifacts that nobody works on. Thread-safe.</summary>
internal sealed class ArtifactTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ArtifactId, (SemaphoreSlim Gate, int Users)> _gates = [];

    /// <summary>Waits for the turn, which ends when the result is disposed.</summary>
    public async Task<IDisposable> TakeAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate;
        lock (_lock)
        {
            var (known, users) = _gates.GetValueOrDefault(id);
            gate = known ?? new SemaphoreSlim(1, 1);
            _gates[id] = (gate, users + 1);
        }
        try
        {
            await gate.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(id);
            throw;
        }
        return new Turn(this, id, gate);
    }

    private void Leave(ArtifactId id)
    {
        lock (_lock)
        {
            var (gate, users) = _gates[id];
            if (users > 1)
            {
                _gates[id] = (gate, users - 1);
                return;
            }
            _gates.Remove(id);
            gate.Dispose();
        }
    }

    private sealed class Turn(ArtifactTurns turns, ArtifactId id, SemaphoreSlim gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Release();
            turns.Leave(id);
        }
    }
}
