using System.Runtime.CompilerServices;
using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Client.Serving;

/// <summary>Long-running inference: batch scoring of data sets, and requests that take minutes.</summary>
public sealed class JobsClient
{
    private const string Root = "api/v1/jobs";
    private readonly GatewayTransport _transport;

    internal JobsClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Submits the scoring of a data set; it is durable when this returns.</summary>
    /// <param name="document">YAML or JSON: model, dataset, split, keep, prefix, output.</param>
    /// <param name="jobId">The job's id: the same id with the same ask is the same job. Default: a new one, kept through all tries.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been accepted.</param>
    /// <exception cref="OrleansMlException"><c>invalid_config</c> with places in the document, <c>invalid_input</c> where the rows don't fit the model, <c>conflict</c> for an id taken by another ask; or no answer.</exception>
    public Task<InferenceJobSnapshot> SubmitAsync(
        string document,
        string? jobId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        return _transport.SendAsync<InferenceJobSnapshot>(
            new GatewayPath(Root).With("jobId", jobId ?? NewId()).Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Yaml(document),
            },
            cancellationToken
        );
    }

    /// <summary>Submits a request of the Open Inference Protocol, to be answered in the background; it is durable when this returns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="request">The request's JSON, UTF-8.</param>
    /// <param name="reference">A version's number, an alias or <c>latest</c>; it is resolved now.</param>
    /// <param name="keepFor">How long the answer is kept after the job's end.</param>
    /// <param name="jobId">The job's id. Default: a new one, kept through all tries.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been accepted.</param>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> where the tensors don't fit the model; no such model; or no answer.</exception>
    public Task<InferenceJobSnapshot> SubmitRequestAsync(
        string model,
        ReadOnlyMemory<byte> request,
        string? reference = null,
        TimeSpan? keepFor = null,
        string? jobId = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<InferenceJobSnapshot>(
            new GatewayPath("api/v1/models")
                .Add(model, "jobs")
                .With("reference", reference)
                .With("keepSeconds", keepFor is { } keep ? (int)keep.TotalSeconds : null)
                .With("jobId", jobId ?? NewId())
                .Call(HttpMethod.Post) with
            {
                Content = GatewayContent.JsonBytes(request),
            },
            cancellationToken
        );

    /// <summary>Jobs, newest first.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<InferenceJobSummary> ListAsync(
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<InferenceJobSummary>(
            _transport,
            () => new GatewayPath(Root),
            limit,
            cancellationToken
        );

    /// <summary>A job.</summary>
    /// <exception cref="OrleansMlException">No such job, or no answer.</exception>
    public Task<InferenceJobSnapshot> GetAsync(
        string job,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<InferenceJobSnapshot>(Path(job).Get(), cancellationToken);

    /// <summary>A job as it goes on: as it is first, as it ended last.</summary>
    /// <exception cref="OrleansMlException">No such job, or no answer.</exception>
    public async IAsyncEnumerable<InferenceJobSnapshot> WatchAsync(
        string job,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var seen = await GetAsync(job, cancellationToken);
        yield return seen;
        while (seen.Phase is InferenceJobPhase.Queued or InferenceJobPhase.Running)
        {
            // The gateway answers when something has changed, or after a while with what was seen already.
            var next = await _transport.SendAsync<InferenceJobSnapshot>(
                Path(job).With("seen", seen.Revision).Get(),
                cancellationToken
            );
            if (next.Revision == seen.Revision)
                continue;
            seen = next;
            yield return seen;
        }
    }

    /// <summary>Asks a job to stop; one that has ended stays as it is.</summary>
    /// <exception cref="OrleansMlException">No such job, or no answer.</exception>
    public Task<InferenceJobSnapshot> CancelAsync(
        string job,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<InferenceJobSnapshot>(
            Path(job).Add("cancel").Call(HttpMethod.Post),
            cancellationToken
        );

    /// <summary>The answer to a job's request, as the Open Inference Protocol's JSON, into a file that appears whole or not at all.</summary>
    /// <returns>The file's size in bytes.</returns>
    /// <exception cref="OrleansMlException">No such job, or it has no result; or no answer.</exception>
    public async Task<long> SaveResultAsync(
        string job,
        string path,
        CancellationToken cancellationToken = default
    )
    {
        using var response = await _transport.SendAsync(
            Path(job).Add("result").Get() with
            {
                Transfer = true,
            },
            cancellationToken
        );
        var partial = path + ".partial";
        await using (var file = File.Create(partial))
            await response.Content.CopyToAsync(file, cancellationToken);
        File.Move(partial, path, overwrite: true);
        return new FileInfo(path).Length;
    }

    /// <summary>Downloads a part of a scored data set, Parquet, checked against its SHA-256.</summary>
    /// <param name="job">The job.</param>
    /// <param name="part">Its number, from 0, in the rows' order.</param>
    /// <param name="path">Where it goes.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>The file's size in bytes.</returns>
    /// <exception cref="OrleansMlException">No such job or part, or no answer.</exception>
    public Task<long> DownloadPartAsync(
        string job,
        int part,
        string path,
        CancellationToken cancellationToken = default
    ) =>
        new FileDownload(
            _transport,
            Path(job).Add("parts", $"{part}").Get() with
            {
                Accept = "application/octet-stream",
            },
            path
        ).RunAsync(cancellationToken);

    private string NewId() => CommandId.New(_transport.Options.TimeProvider);

    private static GatewayPath Path(string job) => new GatewayPath(Root).Add(job);
}
