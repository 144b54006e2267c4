using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Repository;

/// <summary>The protocol's model repository: the registry, and what serving silos have loaded of it.</summary>
internal sealed class ModelRepository(
    ICatalog catalog,
    ModelRoutes routes,
    IModelResidency residency,
    IOptions<GatewayOptions> options
)
{
    private const int Page = 1000;

    /// <summary>
    /// Every version with its state, by name and number. READY: loaded on a silo, or loaded by the first call; UNAVAILABLE: unloaded by an operator, or its last load failed everywhere.
    /// </summary>
    /// <exception cref="InvalidInputException">There are more than a list may have.</exception>
    public async Task<IReadOnlyList<RepositoryEntry>> IndexAsync(
        bool readyOnly,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var versions = await VersionsAsync(caller, cancellationToken);
        var resident = (await residency.IndexAsync(cancellationToken)).ToLookup(there =>
            there.Version
        );
        var entries = new List<RepositoryEntry>(versions.Count);
        foreach (var version in versions)
        {
            var entry = await DescribeAsync(version, [.. resident[version]], cancellationToken);
            if (!readyOnly || entry.State == RepositoryEntry.Ready)
                entries.Add(entry);
        }
        return entries;
    }

    /// <summary>Loads the served version, or the one named, on every serving silo and allows it again.</summary>
    public async Task<ModelVersionId> LoadAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    )
    {
        var version = await FindAsync(model, reference, cancellationToken);
        await residency.LoadAsync(version, cancellationToken);
        return version;
    }

    /// <summary>Lets the served version, or the one named, go everywhere and has it refused until it is loaded again.</summary>
    public async Task<ModelVersionId> UnloadAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    )
    {
        var version = await FindAsync(model, reference, cancellationToken);
        await residency.UnloadAsync(version, cancellationToken);
        return version;
    }

    /// <summary>Refuses a parameter that no repository operation here takes. Clients send <c>unload_dependents</c> = false with every unload.</summary>
    /// <exception cref="InvalidInputException">It is one: files and configurations come from no request, and nothing is unloaded but what is named.</exception>
    public static void RequireKnown(string parameter, bool isFalse)
    {
        if (parameter is not "version" && !(parameter is "unload_dependents" && isFalse))
            throw new InvalidInputException(
                $"failed to load: the parameter '{parameter}' is not taken with this value: a model's files and configuration come from the registry alone, and dependents are unloaded by their own names; import a version, or set /api/v1/models/MODEL/serving."
            );
    }

    private async Task<ModelVersionId> FindAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    ) => ModelRoutes.Resolve((await routes.GetAsync(model, cancellationToken)).Model, reference);

    private async Task<List<ModelVersionId>> VersionsAsync(
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var limit = options.Value.MaxRepositoryIndex;
        var versions = new List<ModelVersionId>();
        for (var offset = 0; ; offset += Page)
        {
            var page = await catalog.ListAsync(
                new CatalogQuery(CatalogKinds.ModelVersion, [], KeyPrefix: null, offset, Page),
                cancellationToken
            );
            versions.AddRange(
                page.Select(entry => ModelVersionId.Parse(entry.Key))
                    .Where(version => caller.Models.Permit(version.Name))
            );
            if (versions.Count > limit)
                throw new InvalidInputException(
                    $"The repository has more than {limit} versions, the limit that {GatewayOptions.Section}:{nameof(GatewayOptions.MaxRepositoryIndex)} sets: list models page by page at /api/v1/models."
                );
            if (page.Count < Page)
                break;
        }
        versions.Sort(
            (a, b) =>
                string.CompareOrdinal(a.Name, b.Name) is not 0 and var order
                    ? order
                    : a.Version.CompareTo(b.Version)
        );
        return versions;
    }

    private async ValueTask<RepositoryEntry> DescribeAsync(
        ModelVersionId version,
        ModelResidence[] resident,
        CancellationToken cancellationToken
    )
    {
        if (resident.Any(there => there.State == ModelResidenceState.Ready))
            return new(version, RepositoryEntry.Ready, "");
        if (resident.Any(there => there.State == ModelResidenceState.Loading))
            return new(version, RepositoryEntry.Loading, "");
        if (resident.FirstOrDefault() is { } failed)
            return new(version, RepositoryEntry.Unavailable, failed.Reason);
        return await residency.IsAllowedAsync(version, cancellationToken)
            ? new(version, RepositoryEntry.Ready, "")
            : new(version, RepositoryEntry.Unavailable, "unloaded");
    }
}
