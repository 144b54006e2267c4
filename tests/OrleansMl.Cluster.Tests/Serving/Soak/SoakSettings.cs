namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>How long and how hard.</summary>
/// <param name="Minutes">Minutes of load; in each the alias and the split change, one silo is killed and one added.</param>
/// <param name="Seed">Of when what happens, of the calls and their rows.</param>
/// <param name="Rate">Calls a second, of all callers together, at most.</param>
internal sealed record SoakSettings(int Minutes, int Seed, int Rate)
{
    /// <summary>Callers; each waits for its answer before it calls again, so that a slow cluster is not overrun.</summary>
    public const int Callers = 24;

    /// <summary>The silo that is never killed: its memory is watched.</summary>
    public const string Survivor = "silo-1";

    /// <summary>The silos' own refresh time, the default of <c>Routing:RefreshSeconds</c>.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>Most growth of the surviving silo's resident memory, in bytes a minute. At 150 calls a second that is 116 bytes a call.</summary>
    public const double ResidentBound = 1 << 20;

    /// <summary>Most growth of its managed heap, in bytes a minute.</summary>
    public const double HeapBound = 1 << 19;

    /// <summary>Minutes before memory is judged: models are loaded, pools filled, code compiled in its last tier.</summary>
    public double WarmUpMinutes => Math.Min(5, Minutes / 4.0);
}
