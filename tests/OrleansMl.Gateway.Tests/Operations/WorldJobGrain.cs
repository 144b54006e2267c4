using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>A job that was submitted, and does what a test says by the methods that silos call.</summary>
internal sealed class WorldJobGrain : Grain, IInferenceJobGrain
{
    private InferenceJobSnapshot? _job;

    public Task<InferenceJobSnapshot> SubmitAsync(
        InferenceJobSpec spec,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            _job ??= new InferenceJobSnapshot
            {
                Id = this.GetPrimaryKeyString(),
                Spec = spec,
                Phase = InferenceJobPhase.Queued,
            }
        );

    public Task<InferenceJobSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_job);

    public Task<InferenceJobSnapshot?> WaitAsync(long seen, CancellationToken cancellationToken) =>
        Task.FromResult(_job is null ? null : _job with { Revision = seen + 1 });

    public Task<InferenceJobSnapshot> CancelAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_job = _job! with { Phase = InferenceJobPhase.Cancelled });

    public Task<InferenceJobSnapshot?> BeginAttemptAsync(
        string silo,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Silos call this, no gateway.");

    public Task<AttemptDirective> ReportChunkAsync(
        int attempt,
        JobChunk chunk,
        CancellationToken cancellationToken
    )
    {
        _job = _job! with { Chunks = [.. _job.Chunks, chunk] };
        return Task.FromResult(AttemptDirective.Continue);
    }

    public Task<AttemptDirective> CompleteAsync(
        JobResult result,
        CancellationToken cancellationToken
    )
    {
        _job = _job! with { Phase = InferenceJobPhase.Succeeded, Result = result.Result };
        return Task.FromResult(AttemptDirective.Continue);
    }

    public Task EndAttemptAsync(JobFailure failure, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Silos call this, no gateway.");
}
