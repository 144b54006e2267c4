using Microsoft.Extensions.Options;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Lets a bounded number of imports run at a time, so that uploads can't fill the disk or the machine with threads.</summary>
internal sealed class ImportSlots(IOptions<GatewayOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentImports);

    /// <summary>Takes a slot; dispose what comes back to free it.</summary>
    /// <exception cref="OverloadedException">None is free.</exception>
    public IDisposable Take()
    {
        if (!_slots.Wait(0))
            throw new OverloadedException(
                $"{options.Value.MaxConcurrentImports} imports run, as many as {GatewayOptions.Section}:{nameof(GatewayOptions.MaxConcurrentImports)} allows; come back later."
            );
        return new Slot(_slots);
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        private SemaphoreSlim? _slots = slots;

        public void Dispose() => Interlocked.Exchange(ref _slots, null)?.Release();
    }
}
