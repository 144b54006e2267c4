using Microsoft.Extensions.Options;

namespace OrleansMl.Console.Operations;

/// <summary>How many pages may be live at a time.</summary>
internal sealed class LiveViewSlots(IOptions<ConsoleOptions> options)
{
    private int _taken;

    /// <summary>Takes a place; false: all are taken.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= options.Value.MaxLiveViews)
            return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
