using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Repository;

/// <summary>What the protocol tells of models beside their tensors: configuration and statistics.</summary>
internal sealed class ServingDescription(
    ModelRoutes routes,
    ModelSignatures signatures,
    IServingStatistics statistics
)
{
    /// <summary>A version's configuration.</summary>
    public async Task<ModelConfiguration> ConfigurationAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await routes.GetAsync(model, cancellationToken);
        var version = ModelRoutes.Resolve(snapshot.Model, reference);
        return ModelConfiguration.Of(
            version,
            await signatures.GetAsync(version, cancellationToken),
            snapshot.Serving.Policy
        );
    }

    /// <summary>Of a version; of the versions of a model that were called, or of its served one when none was; or, without a model, of all that were called.</summary>
    public async Task<IReadOnlyList<VersionStatistics>> StatisticsAsync(
        string model,
        string reference,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        if (model.Length == 0)
            return
            [
                .. (await statistics.ListAsync(model: null, cancellationToken)).Where(of =>
                    caller.Models.Permit(of.Version.Name)
                ),
            ];
        var snapshot = await routes.GetAsync(model, cancellationToken);
        var version = ModelRoutes.Resolve(snapshot.Model, reference);
        if (reference.Length > 0)
            return [await statistics.GetAsync(version, cancellationToken)];
        var called = await statistics.ListAsync(model, cancellationToken);
        return called.Count > 0 ? called : [await statistics.GetAsync(version, cancellationToken)];
    }
}
