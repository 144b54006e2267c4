using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Client.Datasets;

/// <summary>Datasets.</summary>
public sealed class DatasetsClient
{
    /// <summary>The most rows that one preview gives.</summary>
    public const int MaxPreviewRows = 100;

    private readonly GatewayTransport _transport;

    internal DatasetsClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Uploads files and imports them as a new version; it is durable when this returns. Files are streamed, whatever their size.</summary>
    /// <param name="name">The dataset's name; it may be new.</param>
    /// <param name="paths">Local files, under names that tell images from labels and training from test where the format asks for it.</param>
    /// <param name="options">Format, splits, kinds of columns, append. Without a command id one is made and kept through all tries.</param>
    /// <param name="progress">Told of bytes sent and of rows read.</param>
    /// <param name="cancellationToken">Ends the import unless it was already committed.</param>
    /// <exception cref="FileNotFoundException">A file isn't there.</exception>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> with the file and what is wrong in it, <c>body_too_large</c>, <c>storage_full</c>, …; or no answer.</exception>
    public Task<DatasetManifest> ImportAsync(
        string name,
        IReadOnlyList<string> paths,
        DatasetImportOptions? options = null,
        IProgress<DatasetImportProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new DatasetImportOptions();
        var upload = new DatasetUpload(
            _transport,
            Path(name).Add("import").Call(HttpMethod.Post),
            paths,
            options with
            {
                CommandId = options.CommandId ?? CommandId.New(_transport.Options.TimeProvider),
            },
            progress
        );
        return upload.RunAsync(cancellationToken);
    }

    /// <summary>Datasets, newest first.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<DatasetSummary> ListAsync(
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<DatasetSummary>(
            _transport,
            () => new GatewayPath("api/v1/datasets"),
            limit,
            cancellationToken
        );

    /// <summary>A dataset with its versions.</summary>
    /// <exception cref="OrleansMlException">No such dataset, or no answer.</exception>
    public Task<DatasetSnapshot> GetAsync(
        string name,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<DatasetSnapshot>(Path(name).Get(), cancellationToken);

    /// <summary>A version's manifest.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="version">Its number; null means the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such version, or no answer.</exception>
    public Task<DatasetManifest> GetVersionAsync(
        string name,
        int? version = null,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<DatasetManifest>(Version(name, version).Get(), cancellationToken);

    /// <summary>Some rows of a version, of every split, in the order of its shards.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="version">Its number; null means the newest.</param>
    /// <param name="offset">Rows to pass over.</param>
    /// <param name="limit">1 to <see cref="MaxPreviewRows"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such version, or no answer.</exception>
    public Task<DatasetPreview> PreviewAsync(
        string name,
        int? version = null,
        long offset = 0,
        int limit = 20,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<DatasetPreview>(
            Version(name, version).Add("rows").With("offset", offset).With("limit", limit).Get(),
            cancellationToken
        );

    /// <summary>Deletes a version, or the whole dataset.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="version">The version's number; null deletes all.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been deleted.</param>
    /// <exception cref="OrleansMlException"><c>conflict</c> while a run or model version needs it; no such version, or no answer.</exception>
    public async Task DeleteAsync(
        string name,
        int? version = null,
        CancellationToken cancellationToken = default
    )
    {
        var path = version is null ? Path(name) : Version(name, version);
        using var _ = await _transport.SendAsync(path.Call(HttpMethod.Delete), cancellationToken);
    }

    private static GatewayPath Path(string name) => new GatewayPath("api/v1/datasets").Add(name);

    private static GatewayPath Version(string name, int? version) =>
        Path(name).Add("versions", version?.ToString() ?? "latest");
}
