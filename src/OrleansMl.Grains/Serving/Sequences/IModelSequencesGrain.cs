using Orleans.Concurrency;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>How many sequences of a model run, by the model's name. In memory: it is told again by the sequences that go on.</summary>
[Alias("oml.IModelSequencesGrain")]
internal interface IModelSequencesGrain : IGrainWithStringKey
{
    /// <summary>Lets a sequence begin; one that is known already is counted once.</summary>
    /// <exception cref="Contracts.OverloadedException">As many run as may.</exception>
    [Alias("Enter")]
    Task EnterAsync(
        string sequence,
        int most,
        int idleSeconds,
        CancellationToken cancellationToken
    );

    /// <summary>A sequence goes on.</summary>
    [Alias("Renew")]
    [OneWay]
    Task RenewAsync(string sequence, int idleSeconds, CancellationToken cancellationToken);

    /// <summary>A sequence is over.</summary>
    [Alias("Leave")]
    [OneWay]
    Task LeaveAsync(string sequence, CancellationToken cancellationToken);
}
