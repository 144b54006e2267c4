namespace OrleansMl.Core.Serving.Traffic;

/// <summary>How this silo counts governed calls and runs shadows; section <c>Traffic</c>.</summary>
public sealed class TrafficOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Traffic";

    /// <summary>Seconds between two reports of a silo's counts. A killed silo loses the counts since its last one; a smaller value writes the models' state more often.</summary>
    /// <value>The default is 2.</value>
    public double ReportSeconds { get; set; } = 2;

    /// <summary>Calls that wait for a shadow; a further one is dropped and counted.</summary>
    /// <value>The default is 256.</value>
    public int ShadowQueueLimit { get; set; } = 256;

    /// <summary>Bytes of tensors that wait for a shadow; a further call is dropped and counted.</summary>
    /// <value>The default is 64 MiB.</value>
    public long ShadowQueueBytes { get; set; } = 64L << 20;

    /// <summary>Calls that shadows answer at a time. More keep up with more traffic and take more of the cores that callers need.</summary>
    /// <value>The default is 1.</value>
    public int ShadowConcurrency { get; set; } = 1;
}
