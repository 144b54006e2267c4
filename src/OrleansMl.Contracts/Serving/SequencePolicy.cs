namespace OrleansMl.Contracts.Serving;

/// <summary>
/// How calls with a <c>sequence_id</c> are answered: one after the other, on the version of the sequence's first call, with the state that the
/// call before left. Without this section the sequence parameters mean nothing.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.SequencePolicy")]
public sealed record SequencePolicy
{
    /// <summary>The model's outputs that feed inputs of the next call, 1 to 64.</summary>
    [Id(0)]
    public IReadOnlyList<SequenceStateSpec> States { get; init; } = [];

    /// <summary>Whether a call of a sequence that isn't running begins it without <c>sequence_start</c>. An expired sequence then begins anew unnoticed.</summary>
    /// <value>The default is false: such a call is refused.</value>
    [Id(1)]
    public bool ImplicitStart { get; init; }

    /// <summary>Whether the state's outputs are among the answer's outputs.</summary>
    /// <value>The default is false.</value>
    [Id(2)]
    public bool ReturnState { get; init; }

    /// <summary>Seconds without a call after which a sequence is over and its state forgotten, 1 to 604,800.</summary>
    /// <value>The default is 300.</value>
    [Id(3)]
    public int IdleSeconds { get; init; } = 300;

    /// <summary>Sequences of the model that run at a time in the cluster, 1 to 1,000,000; a further one is refused (429).</summary>
    /// <value>The default is 10,000.</value>
    [Id(4)]
    public int MaxSequences { get; init; } = 10_000;

    /// <summary>Bytes of one sequence's state, 1 to 1 MiB: it is written to the database with every call. A call that leaves more is refused and changes nothing.</summary>
    /// <value>The default is 64 KiB.</value>
    [Id(5)]
    public int MaxStateBytes { get; init; } = 64 << 10;

    /// <summary>
    /// Answers to calls with a request id or a <c>sequence_step</c> that are kept with the state, so that a repeated call gets its answer again and is
    /// not applied twice, 1 to 64.
    /// </summary>
    /// <value>The default is 8.</value>
    [Id(6)]
    public int KeptAnswers { get; init; } = 8;

    /// <summary>Bytes of the kept answers together, 1 to 1 MiB; the oldest go first. A call with an id whose answer alone is larger is refused and changes nothing.</summary>
    /// <value>The default is 64 KiB.</value>
    [Id(7)]
    public int MaxAnswerBytes { get; init; } = 64 << 10;

    /// <summary>Calls of one sequence that wait for their turn, 1 to 10,000; a further one is refused (429).</summary>
    /// <value>The default is 64.</value>
    [Id(8)]
    public int MaxWaiting { get; init; } = 64;
}
