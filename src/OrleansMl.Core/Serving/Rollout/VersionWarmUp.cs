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
    /// <exception cref="UnavailableException">A silo did not answer: it may just have gone down, which the cluster notices within seconds.</exception>
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
        List<string> refusals = [];
        List<string> silent = [];
        var tries = silos.Names.Select(silo =>
            (Silo: silo, Try: TryAsync(silo, version, sample, cancellationToken))
        );
        foreach (var (silo, attempt) in tries.ToList())
        {
            try
            {
                await attempt;
            }
            catch (SiloUnreachableException error)
            {
                // One that is gone by now answers no calls either.
                if (silos.Names.Contains(silo))
                    silent.Add($"Silo '{silo}': {error.Message}");
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                refusals.Add($"Silo '{silo}': {error.Message}");
            }
        }
        if (refusals.Count > 0)
            throw new ConflictException(
                $"Model version {version} is not ready to serve, and nothing was changed. {string.Join(' ', refusals.Concat(silent))} Mend that, or force the change."
            );
        if (silent.Count > 0)
            throw new UnavailableException(
                $"Not every silo answered when model version {version} was loaded, and nothing was changed. {string.Join(' ', silent)} If it went down, the cluster notices within seconds: ask again."
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

    private async Task TryAsync(
        string silo,
        ModelVersionId version,
        GoldenSample? sample,
        CancellationToken cancellationToken
    )
    {
        await silos.LoadAsync(silo, version, cancellationToken);
        if (sample is null)
            return;
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
    }
}
