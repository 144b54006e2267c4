using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Grains.Serving.Routing;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>The operator's word: first written down, then told to every serving silo.</summary>
internal sealed class ModelResidency(IGrainFactory grains, ServingSilos silos, RoutePush push)
    : IModelResidency
{
    public async Task<IReadOnlyList<ModelResidence>> LoadAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        await RequireAsync(version, cancellationToken);
        await Grain(version).SetAsync(version.Version, true, cancellationToken);
        return await EachAsync(
            $"load {version}",
            service => service.LoadAsync(version, cancellationToken)
        );
    }

    public async Task UnloadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        await RequireAsync(version, cancellationToken);
        await Grain(version).SetAsync(version.Version, false, cancellationToken);
        // What is kept of its answers goes, too, on silos that only have a gateway as well.
        await push.SendUnloadedAsync(version);
        if (silos.Up().Count > 0)
            await EachAsync(
                $"unload {version}",
                async service =>
                {
                    await service.UnloadAsync(version, cancellationToken);
                    return true;
                }
            );
    }

    public async ValueTask<bool> IsAllowedAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => await Grain(version).IsAllowedAsync(version.Version, cancellationToken);

    public async Task<IReadOnlyList<ModelResidence>> IndexAsync(
        CancellationToken cancellationToken
    ) =>
        [
            .. (await AnsweringAsync(silos, service => service.IndexAsync(cancellationToken)))
                .SelectMany(index => index)
                .OrderBy(there => there.Version.Name, StringComparer.Ordinal)
                .ThenBy(there => there.Version.Version)
                .ThenBy(there => there.Silo, StringComparer.Ordinal),
        ];

    /// <summary>What the silos answer that do; a silo that goes down meanwhile has nothing to say any more.</summary>
    public static async Task<IReadOnlyList<T>> AnsweringAsync<T>(
        ServingSilos silos,
        Func<IServingSiloService, Task<T>> call
    )
    {
        var answers = new List<T>();
        foreach (var asked in silos.Up().Select(silo => call(silos.At(silo))).ToList())
        {
            try
            {
                answers.Add(await asked);
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                continue;
            }
        }
        return answers;
    }

    private async Task<IReadOnlyList<T>> EachAsync<T>(
        string what,
        Func<IServingSiloService, Task<T>> call
    )
    {
        var up = silos.Up();
        if (up.Count == 0)
            throw new UnavailableException($"No silo serves: there is none to {what}.");
        var asked = up.Select(silo => (silo.Name, Answer: call(silos.At(silo)))).ToList();
        var answers = new List<T>();
        List<string> failed = [];
        foreach (var (name, answer) in asked)
        {
            try
            {
                answers.Add(await answer);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                failed.Add($"silo {name}: {error.Message}");
            }
        }
        return failed.Count == 0
            ? answers
            : throw new UnavailableException(
                $"Could not {what} on {failed.Count} of {up.Count} silos: {string.Join(" ", failed)} Ask again."
            );
    }

    private async Task RequireAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        _ =
            await grains
                .GetGrain<IModelGrain>(version.Name)
                .GetVersionAsync(version.Version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {version}.");
    }

    private IModelResidencyGrain Grain(ModelVersionId version) =>
        grains.GetGrain<IModelResidencyGrain>(version.Name);
}
