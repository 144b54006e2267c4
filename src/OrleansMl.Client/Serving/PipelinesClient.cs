using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Serving;

/// <summary>Pipelines of several models. They are called as models are: <see cref="OrleansMlClient.Model"/>.</summary>
public sealed class PipelinesClient
{
    private const string Root = "api/v1/pipelines";
    private readonly GatewayTransport _transport;

    internal PipelinesClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Pipelines, newest first.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<ModelSummary> ListAsync(
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<ModelSummary>(
            _transport,
            () => new GatewayPath(Root),
            limit,
            cancellationToken
        );

    /// <summary>Saves a pipeline as its next version, once it fits the models that it names.</summary>
    /// <param name="pipeline">Its name; it may be new, and no model's.</param>
    /// <param name="document">YAML or JSON, at most 64 KiB.</param>
    /// <param name="expected">When given: saved only if this is the newest version now; 0: there is none.</param>
    /// <param name="commandId">The same id gets the first answer again. Default: a new one, kept through all tries.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been saved.</param>
    /// <exception cref="OrleansMlException"><c>invalid_config</c> with places in the document, <c>conflict</c> when the name is a model's or another version is the newest; or no answer.</exception>
    public Task<ModelVersionSnapshot> SaveAsync(
        string pipeline,
        string document,
        int? expected = null,
        string? commandId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        return _transport.SendAsync<ModelVersionSnapshot>(
            new GatewayPath(Root)
                .Add(pipeline)
                .With("expected", expected)
                .With("commandId", commandId ?? CommandId.New(_transport.Options.TimeProvider))
                .Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Yaml(document),
            },
            cancellationToken
        );
    }

    /// <summary>Checks a pipeline against the models that it names; nothing is saved.</summary>
    /// <returns>What it would take and give.</returns>
    /// <exception cref="OrleansMlException"><c>invalid_config</c> with places in the document; or no answer.</exception>
    public Task<ModelSignature> ValidateAsync(
        string document,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        return _transport.SendAsync<ModelSignature>(
            new GatewayPath(Root).Add("validate").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Yaml(document),
            },
            cancellationToken
        );
    }

    /// <summary>A pipeline's version with its document.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="reference">A number, an alias or <c>latest</c>. Default: the alias <c>champion</c> where it exists, else the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such pipeline, or no answer.</exception>
    public Task<ModelVersionSnapshot> GetAsync(
        string pipeline,
        string? reference = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ModelVersionSnapshot>(
            new GatewayPath(Root).Add(pipeline).With("reference", reference).Get(),
            cancellationToken
        );
}
