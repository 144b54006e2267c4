namespace OrleansMl.Grains.Tests.Operations;

/// <summary>Fails the n-th durable effect (a state write, a catalogue row, a reference, a fence), before or after it took place.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private int _failAt;
    private bool _after;

    /// <summary>Effects since the plan was armed.</summary>
    public int Effects { get; private set; }

    /// <summary>Whether the fault has struck.</summary>
    public bool Struck { get; private set; }

    /// <summary>What it struck.</summary>
    public string StruckAt { get; private set; } = "nothing";

    /// <summary>Only effects of which the name contains this count; null: all.</summary>
    public string? Only { get; private set; }

    /// <summary>All counted effects fail while set.</summary>
    public bool Down { get; set; }

    public void Arm(int failAt, bool after, string? only = null)
    {
        lock (_gate)
        {
            (_failAt, _after, Only) = (failAt, after, only);
            Effects = 0;
            Struck = false;
        }
    }

    public void Disarm() => Arm(0, false);

    public async Task ApplyAsync(string name, Func<Task> effect)
    {
        var fails = false;
        lock (_gate)
        {
            if (Only is null || name.Contains(Only, StringComparison.Ordinal))
            {
                if (Down)
                    throw new IOException($"injected: {name} is down");
                fails = ++Effects == _failAt;
                if (fails)
                    (Struck, StruckAt) = (true, $"{name}, effect {Effects}");
            }
        }
        if (fails && !_after)
            throw new IOException($"injected before {name}");
        await effect();
        if (fails)
            throw new IOException($"injected after {name}");
    }
}
