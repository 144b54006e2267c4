namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>Which calls are copied into a data set, and how.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.PayloadPolicy")]
public sealed record PayloadPolicy
{
    /// <summary>Share of the calls, above 0 to 1. A call is in or out by a hash of its id.</summary>
    /// <value>The default is 0.01.</value>
    [Id(0)]
    public double Sample { get; init; } = 0.01;

    /// <summary>The data set's name; null: the model's with <c>-payloads</c> after it.</summary>
    [Id(1)]
    public string? Dataset { get; init; }

    /// <summary>Inputs and outputs that are left out, for privacy; at most 1,000.</summary>
    [Id(2)]
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether the caller's name is kept.</summary>
    /// <value>The default is false.</value>
    [Id(3)]
    public bool Caller { get; init; }

    /// <summary>Rows after which a part is written, 1 to 1,000,000.</summary>
    /// <value>The default is 10,000.</value>
    [Id(4)]
    public int FlushRows { get; init; } = 10_000;

    /// <summary>Seconds after which a part is written however few rows it has, 1 to 86,400. What a killed silo loses is at most this much.</summary>
    /// <value>The default is 300.</value>
    [Id(5)]
    public int FlushSeconds { get; init; } = 300;

    /// <summary>Bytes of copied tensors that may wait on a silo, 64 KiB to 1 GiB; past them calls are not copied, and counted as dropped.</summary>
    /// <value>The default is 32 MiB.</value>
    [Id(6)]
    public long MaxBufferedBytes { get; init; } = 32L << 20;

    /// <summary>Rows after which the data set is begun afresh with the newest part, 1 to 100,000,000.</summary>
    /// <value>The default is 1,000,000.</value>
    [Id(7)]
    public long MaxRows { get; init; } = 1_000_000;

    /// <summary>Newest versions of the data set that are kept, 2 to 500. One that a run or model needs is kept as well.</summary>
    /// <value>The default is 50.</value>
    [Id(8)]
    public int KeptVersions { get; init; } = 50;
}
