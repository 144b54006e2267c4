using Orleans.Concurrency;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>A long-running inference by its id.</summary>
[Alias("oml.IInferenceJobGrain")]
[ClientAccess(Permission.None)]
public interface IInferenceJobGrain : IGrainWithStringKey
{
    /// <summary>Submits the job; durable when this returns. The same spec again is the same job.</summary>
    /// <exception cref="InvalidInputException">The spec is wrong.</exception>
    /// <exception cref="NotFoundException">No such dataset version.</exception>
    /// <exception cref="ConflictException">The id is another job's.</exception>
    [Alias("Submit")]
    Task<InferenceJobSnapshot> SubmitAsync(
        InferenceJobSpec spec,
        CancellationToken cancellationToken
    );

    /// <summary>The job, or null when there is none of this id.</summary>
    [ClientAccess(Permission.Read)]
    [Alias("Get")]
    Task<InferenceJobSnapshot?> GetAsync(CancellationToken cancellationToken);

    /// <summary>The job once it has another revision than the one seen, or as it is after some 15 s; null when there is none.</summary>
    [AlwaysInterleave]
    [ClientAccess(Permission.Read)]
    [Alias("Wait")]
    Task<InferenceJobSnapshot?> WaitAsync(long seen, CancellationToken cancellationToken);

    /// <summary>Asks it to stop; one that has ended stays as it is.</summary>
    /// <exception cref="NotFoundException">No such job.</exception>
    [ClientAccess(Permission.Train, Action = "job.cancel", Kind = "job")]
    [Alias("Cancel")]
    Task<InferenceJobSnapshot> CancelAsync(CancellationToken cancellationToken);

    /// <summary>A silo begins to work on it; null when there is nothing to do.</summary>
    [Alias("BeginAttempt")]
    Task<InferenceJobSnapshot?> BeginAttemptAsync(string silo, CancellationToken cancellationToken);

    /// <summary>A chunk is stored; durable when this returns <see cref="AttemptDirective.Continue"/>.</summary>
    [Alias("ReportChunk")]
    Task<AttemptDirective> ReportChunkAsync(
        int attempt,
        JobChunk chunk,
        CancellationToken cancellationToken
    );

    /// <summary>All is done.</summary>
    [Alias("Complete")]
    Task<AttemptDirective> CompleteAsync(JobResult result, CancellationToken cancellationToken);

    /// <summary>An attempt ended without a result; the job waits for another one, or has failed.</summary>
    [Alias("EndAttempt")]
    Task EndAttemptAsync(JobFailure failure, CancellationToken cancellationToken);
}
