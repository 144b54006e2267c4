using System.Globalization;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Client.Models;

/// <summary>The model registry.</summary>
public sealed class ModelsClient
{
    private readonly GatewayTransport _transport;

    internal ModelsClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Models, newest first.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<ModelSummary> ListAsync(
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<ModelSummary>(
            _transport,
            () => new GatewayPath("api/v1/models"),
            limit,
            cancellationToken
        );

    /// <summary>A model's versions, newest first.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public IAsyncEnumerable<ModelVersionSummary> VersionsAsync(
        string model,
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<ModelVersionSummary>(
            _transport,
            () => Path(model).Add("versions"),
            limit,
            cancellationToken
        );

    /// <summary>A model: its newest version, aliases and their history.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public Task<ModelSnapshot> GetAsync(
        string model,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<ModelSnapshot>(Path(model).Get(), cancellationToken);

    /// <summary>A version: signature, lineage, scores.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such version, or no answer.</exception>
    public Task<ModelVersionSnapshot> GetVersionAsync(
        string model,
        string reference = "latest",
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ModelVersionSnapshot>(
            Version(model, reference).Get(),
            cancellationToken
        );

    /// <summary>Points an alias at a version, atomically and with history.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">The alias; it may be new.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="expected">When given: moved only if the alias points there now (0: nowhere).</param>
    /// <param name="reason">Why, for the history.</param>
    /// <param name="force">Moved even though a serving silo could not load the version.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been moved.</param>
    /// <exception cref="OrleansMlException"><c>conflict</c> when it doesn't point where expected; no such version, or no answer.</exception>
    public Task<ModelSnapshot> MoveAliasAsync(
        string model,
        string alias,
        int version,
        int? expected = null,
        string? reason = null,
        bool force = false,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ModelSnapshot>(
            Path(model).Add("aliases", alias).Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Json(
                    new AliasMoveRequest
                    {
                        Version = version,
                        Expected = expected,
                        Reason = reason,
                        Force = force,
                        CommandId = CommandId.New(_transport.Options.TimeProvider),
                    }
                ),
            },
            cancellationToken
        );

    /// <summary>Removes an alias.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when it doesn't point where expected; no such model, or no answer.</exception>
    public Task<ModelSnapshot> RemoveAliasAsync(
        string model,
        string alias,
        int? expected = null,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ModelSnapshot>(
            Path(model)
                .Add("aliases", alias)
                .With("expected", expected)
                .With("reason", reason)
                .With("commandId", CommandId.New(_transport.Options.TimeProvider))
                .Call(HttpMethod.Delete),
            cancellationToken
        );

    /// <summary>Uploads a foreign ONNX file and registers it as a version; it was loaded and run once before this returns.</summary>
    /// <param name="model">The model; it may be new.</param>
    /// <param name="path">The file, streamed.</param>
    /// <param name="options">Labels, task, source.</param>
    /// <param name="sent">Told of the bytes sent so far.</param>
    /// <param name="cancellationToken">Ends the upload; it may have been registered.</param>
    /// <exception cref="FileNotFoundException">The file isn't there.</exception>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> for a file that isn't ONNX or can't be loaded; or no answer.</exception>
    public Task<ModelVersionSnapshot> ImportAsync(
        string model,
        string path,
        ModelImportOptions? options = null,
        IProgress<long>? sent = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new ModelImportOptions();
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"'{path}' is not a file.", path);
        var target = Path(model).Add("import");
        foreach (var label in options.ClassLabels)
            target.With("label", label);
        target
            .With("task", options.Task)
            .With("source", options.Source ?? file.Name)
            .With("commandId", options.CommandId ?? CommandId.New(_transport.Options.TimeProvider));
        return _transport.SendAsync<ModelVersionSnapshot>(
            target.Call(HttpMethod.Post) with
            {
                Transfer = true,
                Content = () =>
                {
                    var total = 0L;
                    return new FileContent(
                        path,
                        file.Length,
                        count =>
                        {
                            total += count;
                            sent?.Report(total);
                        }
                    )
                    {
                        Headers = { ContentType = new("application/octet-stream") },
                    };
                },
            },
            cancellationToken
        );
    }

    /// <summary>Downloads a version's file. The target appears whole and checked against its SHA-256, or not at all.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>.</param>
    /// <param name="file">Which file.</param>
    /// <param name="path">Where it goes; an older file there is replaced.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>The file's size in bytes.</returns>
    /// <exception cref="OrleansMlException">No such version or file, or no answer, or other bytes than its hash says.</exception>
    /// <exception cref="IOException">The target can't be written.</exception>
    public Task<long> DownloadAsync(
        string model,
        string reference,
        ModelFile file,
        string path,
        CancellationToken cancellationToken = default
    )
    {
        var call = Version(model, reference)
            .Add(file == ModelFile.Onnx ? "onnx" : "weights")
            .Get() with
        {
            Accept = "application/octet-stream",
        };
        return new FileDownload(_transport, call, path).RunAsync(cancellationToken);
    }

    /// <summary>How a model is served.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public Task<ServingPolicySnapshot> GetServingAsync(
        string model,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ServingPolicySnapshot>(
            Path(model).Add("serving").Get(),
            cancellationToken
        );

    /// <summary>Replaces how a model is served, whole; versions that it newly routes to are loaded on every serving silo first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">The new policy.</param>
    /// <param name="expected">When given: changed only if the policy has this revision now.</param>
    /// <param name="force">Changed even though a serving silo could not load a version.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been changed.</param>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> for a wrong policy; <c>conflict</c> for another revision, or a silo that can't serve a version; no such model, or no answer.</exception>
    public Task<ServingPolicySnapshot> SetServingAsync(
        string model,
        ServingPolicy policy,
        long? expected = null,
        bool force = false,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ServingPolicySnapshot>(
            Path(model).Add("serving").Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Json(
                    new ServingPolicyRequest
                    {
                        Policy = policy,
                        Expected = expected,
                        Force = force,
                        CommandId = CommandId.New(_transport.Options.TimeProvider),
                    }
                ),
            },
            cancellationToken
        );

    /// <summary>A model's traffic: figures by version, shadows, the canary, what was decided.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public Task<TrafficSnapshot> GetTrafficAsync(
        string model,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<TrafficSnapshot>(Path(model).Add("traffic").Get(), cancellationToken);

    /// <summary>Compares two versions by what was counted of them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baseline">The version compared with; null: the traffic's own.</param>
    /// <param name="candidate">The version compared; null: the traffic's own.</param>
    /// <param name="confidence">0.5 to 0.9999.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such model, no such versions in its traffic, or no answer.</exception>
    public Task<VersionComparison> CompareTrafficAsync(
        string model,
        int? baseline = null,
        int? candidate = null,
        double confidence = 0.95,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<VersionComparison>(
            Path(model)
                .Add("traffic", "comparison")
                .With("baseline", baseline)
                .With("candidate", candidate)
                .With("confidence", confidence.ToString(CultureInfo.InvariantCulture))
                .Get(),
            cancellationToken
        );

    /// <summary>Advances, promotes or rolls back a model's canary.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when there is none or it has ended; no such model, or no answer.</exception>
    public Task<TrafficSnapshot> MoveCanaryAsync(
        string model,
        CanaryAction action,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<TrafficSnapshot>(
            Path(model).Add("traffic", "canary").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(
                    new CanaryActionRequest
                    {
                        Action = action,
                        Reason = reason,
                        CommandId = CommandId.New(_transport.Options.TimeProvider),
                    }
                ),
            },
            cancellationToken
        );

    /// <summary>Tells how predictions turned out, 1 to 1,000 at a time, each once by its id.</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> when one is wrong: none was counted; <c>conflict</c> when the model's policy has no traffic section; or no answer.</exception>
    public Task<FeedbackResult> SendFeedbackAsync(
        string model,
        IReadOnlyList<OutcomeReport> outcomes,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<FeedbackResult>(
            Path(model).Add("feedback").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(new FeedbackRequest { Outcomes = outcomes }),
            },
            cancellationToken
        );

    /// <summary>Live statistics of a watched model's versions beside the training data's.</summary>
    /// <exception cref="OrleansMlException">No such model, it is not watched, or no answer.</exception>
    public Task<WatchSnapshot> GetWatchAsync(
        string model,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<WatchSnapshot>(Path(model).Add("watch").Get(), cancellationToken);

    /// <summary>A model's alerts that stand and the last that were cleared, newest first.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public Task<IReadOnlyList<AlertSnapshot>> GetAlertsAsync(
        string model,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<IReadOnlyList<AlertSnapshot>>(
            Path(model).Add("alerts").Get(),
            cancellationToken
        );

    private static GatewayPath Path(string model) => new GatewayPath("api/v1/models").Add(model);

    private static GatewayPath Version(string model, string reference) =>
        Path(model).Add("versions", reference);
}
