namespace OrleansMl.Core.Serving.Explanations;

/// <summary>What an explanation may cost; section <c>OrleansMl:Explanations</c>.</summary>
public sealed class ExplanationOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "OrleansMl:Explanations";

    /// <summary>Features, elements and patches of a row, each of which is taken away.</summary>
    /// <value>The default is 1,024.</value>
    public int MaxPlayers { get; set; } = 1_024;

    /// <summary>Rows that the model runs on to explain one request. A small model takes some 10 µs for one, a large one a thousand times as much.</summary>
    /// <value>The default is 20,000.</value>
    public int MaxEvaluations { get; set; } = 20_000;

    /// <summary>Rows of one run, where the model takes batches: more are faster, and hold other calls back for longer.</summary>
    /// <value>The default is 64.</value>
    public int BatchRows { get; set; } = 64;
}
