using System.Threading.Channels;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Grains.Tests.Training;

/// <summary>The slots of one silo of a test; the test plays the workers.</summary>
internal sealed class FakeSupervisor(string silo, IReadOnlyList<string> devices) : IWorkerSupervisor
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AttemptAssignment> _working = [];
    private readonly Channel<(string Slot, AttemptAssignment Assignment)> _started =
        Channel.CreateUnbounded<(string, AttemptAssignment)>();

    /// <summary>Grows with each start of the silo.</summary>
    public long Incarnation { get; set; } = 1;

    /// <summary>Starting fails while set.</summary>
    public Exception? StartError { get; set; }

    public int Starts { get; private set; }

    public List<(TrainingRunId Run, int Attempt)> Stopped { get; } = [];

    public IReadOnlyList<SlotReport> Slots
    {
        get
        {
            lock (_gate)
                return
                [
                    .. devices.Select(device =>
                    {
                        var slot = $"{silo}/{device}";
                        var work = _working.GetValueOrDefault(slot);
                        return new SlotReport
                        {
                            Slot = slot,
                            Accelerator = device.Split(':')[0],
                            Run = work?.Run,
                            Attempt = work?.Attempt ?? 0,
                        };
                    }),
                ];
        }
    }

    public SiloSlotsReport Report(bool draining = false) =>
        new()
        {
            Silo = silo,
            Incarnation = Incarnation,
            Slots = Slots,
            Draining = draining,
            Labels = new Dictionary<string, string> { ["zone"] = silo },
        };

    public void Start(string slot, AttemptAssignment assignment)
    {
        lock (_gate)
        {
            if (StartError is { } error)
                throw error;
            if (!devices.Any(device => slot == $"{silo}/{device}"))
                throw new NotFoundException($"{silo} has no slot {slot}");
            if (_working.TryGetValue(slot, out var work))
            {
                if (work.Run == assignment.Run && work.Attempt == assignment.Attempt)
                    return;
                throw new ConflictException($"{slot} works on {work.Run} {work.Attempt}");
            }
            _working[slot] = assignment;
            Starts++;
        }
        _started.Writer.TryWrite((slot, assignment));
    }

    public Task StopAsync(
        string slot,
        TrainingRunId run,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
        {
            Stopped.Add((run, attempt));
            if (
                _working.TryGetValue(slot, out var work)
                && work.Run == run
                && work.Attempt == attempt
            )
                _working.Remove(slot);
        }
        return Task.CompletedTask;
    }

    /// <summary>The worker is done, dead or gone.</summary>
    public void Finish(TrainingRunId run)
    {
        lock (_gate)
        {
            foreach (
                var slot in _working.Where(w => w.Value.Run == run).Select(w => w.Key).ToList()
            )
                _working.Remove(slot);
        }
    }

    /// <summary>All workers die with their silo.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _working.Clear();
            Incarnation++;
        }
    }

    /// <summary>The next attempt that was started.</summary>
    public async Task<AttemptAssignment> NextAsync() =>
        (await _started.Reader.ReadAsync(TestContext.Current.CancellationToken)).Assignment;
}
