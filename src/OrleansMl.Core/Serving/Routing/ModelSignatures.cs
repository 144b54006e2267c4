using System.Collections.Concurrent;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Routing;

/// <summary>What versions take and give, as registered. A version's signature never changes, so that a remembered one needs no check. Thread-safe.</summary>
public sealed class ModelSignatures(IModelSource source)
{
    private const int MaxRemembered = 4096;
    private readonly ConcurrentDictionary<ModelVersionId, ModelSignature> _signatures = new();

    /// <summary>The version's signature.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    public ValueTask<ModelSignature> GetAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        _signatures.TryGetValue(version, out var known)
            ? new(known)
            : new(FetchAsync(version, cancellationToken));

    private async Task<ModelSignature> FetchAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        var record =
            await source.FindVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {version}.");
        if (_signatures.Count >= MaxRemembered)
            _signatures.Clear();
        _signatures[version] = record.Signature;
        return record.Signature;
    }
}
