using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Serving.Rollout;

/// <summary>
/// Makes every serving silo ready for a version before calls are routed to it: each loads it, which runs it once, and its answers to the
/// version's golden sample are compared with the trained model's own. Thread-safe.
/// </summary>
public sealed class VersionWarmUp(
    IServingSilos silos,
    IModelSource source,
    ILocalArtifacts artifacts
)
{
    /// <summary>Warms a version on all silos that serve now.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    /// <exception cref="ConflictException">A silo can't serve it; the message names each and why.</exception>
    public async Task WarmAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        var record =
            await source.FindVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {version}.");
        // A pipeline is no file: its steps are versions of their own, which serve already.
        if (record.Pipeline is not null)
            return;
        GoldenSample? sample = null;
        if (record.Golden is { } golden)
        {
            using var file = await artifacts.AcquireAsync(golden, cancellationToken);
            sample = GoldenSample.Read(file.Path);
        }
        var problems = await Task.WhenAll(
            silos.Names.Select(silo => FindProblemAsync(silo, version, sample, cancellationToken))
        );
        var found = problems.OfType<string>().ToList();
        if (found.Count > 0)
            throw new ConflictException(
                $"Model version {version} is not ready to serve, and nothing was changed. {string.Join(' ', found)} Mend that, or force the change."
            );
    }

    /// <summary>Warms every version that a traffic section names.</summary>
    /// <exception cref="NotFoundException">It names a version that isn't there.</exception>
    /// <exception cref="ConflictException">A silo can't serve one of them.</exception>
    public async Task WarmAsync(
        string model,
        TrafficPolicy traffic,
        CancellationToken cancellationToken
    )
    {
        var snapshot =
            await source.FindAsync(model, cancellationToken)
            ?? throw new NotFoundException($"There is no model '{model}'.");
        var versions = TrafficPolicyChecks
            .References(traffic)
            .Select(reference => ModelRoutes.Resolve(snapshot, reference))
            .Distinct();
        foreach (var version in versions)
            await WarmAsync(version, cancellationToken);
    }

    private async Task<string?> FindProblemAsync(
        string silo,
        ModelVersionId version,
        GoldenSample? sample,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await silos.LoadAsync(silo, version, cancellationToken);
            if (sample is null)
                return null;
            var answer = await silos.PredictAsync(
                silo,
                version,
                new InferenceRequest
                {
                    Inputs = sample.Inputs,
                    Outputs = [.. sample.Outputs.Select(output => output.Name)],
                },
                cancellationToken
            );
            GoldenCheck.Verify(answer.Outputs, sample);
            return null;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return $"Silo '{silo}': {error.Message}";
        }
    }
}
