using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>
/// Which version a reference means, from immutable snapshots of models: no grain call on the hot path. A snapshot serves at
/// once while it is young; a little older, it serves once more while a newer one is fetched behind; older still, the request
/// waits for the newer one, briefly, and takes the old one when the model's grain can't be asked.
/// </summary>
internal sealed partial class ModelRoutes(
    IGrainFactory grains,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<ModelRoutes> logger
)
{
    private readonly ConcurrentDictionary<string, ModelRoute> _routes = new();
    private readonly TimeSpan _refresh = TimeSpan.FromSeconds(options.Value.RouteRefreshSeconds);
    private readonly TimeSpan _stale = TimeSpan.FromSeconds(options.Value.RouteStaleSeconds);
    private readonly TimeSpan _wait = TimeSpan.FromMilliseconds(
        options.Value.RouteWaitMilliseconds
    );

    /// <summary>The version that a reference means; an empty one is <c>champion</c>, else the newest.</summary>
    /// <exception cref="NotFoundException">No such model or version.</exception>
    public ValueTask<ModelVersionId> ResolveAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    )
    {
        if (_routes.TryGetValue(model, out var route) && route.Current is { } current)
        {
            var age = time.GetElapsedTime(current.FetchedAt);
            if (age <= _refresh)
                return new(Resolve(current.Snapshot, reference));
            if (age <= 2 * _refresh)
            {
                // The refresh answers for itself: a failure is logged there and tried again by the next request.
                _ = RefreshAsync(model, route);
                return new(Resolve(current.Snapshot, reference));
            }
        }
        return new(FetchAndResolveAsync(model, reference, cancellationToken));
    }

    /// <summary>The model.</summary>
    /// <exception cref="NotFoundException">No such model.</exception>
    public async ValueTask<ModelSnapshot> GetAsync(
        string model,
        CancellationToken cancellationToken
    ) =>
        _routes.TryGetValue(model, out var route)
        && route.Current is { } current
        && time.GetElapsedTime(current.FetchedAt) <= _refresh
            ? current.Snapshot
            : await FetchAsync(model, cancellationToken);

    /// <summary>Forgets what is known of a model, after a change through this gateway: its own caller sees it at once.</summary>
    public void Invalidate(string model) => _routes.TryRemove(model, out _);

    private async Task<ModelVersionId> FetchAndResolveAsync(
        string model,
        string reference,
        CancellationToken cancellationToken
    ) => Resolve(await FetchAsync(model, cancellationToken), reference);

    private async Task<ModelSnapshot> FetchAsync(string model, CancellationToken cancellationToken)
    {
        var route = _routes.GetOrAdd(model, static _ => new ModelRoute());
        var refresh = RefreshAsync(model, route);
        if (
            route.Current is { } known
            && time.GetElapsedTime(known.FetchedAt) is var age
            && age <= _stale
        )
        {
            try
            {
                return await refresh.WaitAsync(_wait, time, cancellationToken);
            }
            catch (Exception e)
                when (e is not NotFoundException && !cancellationToken.IsCancellationRequested)
            {
                LogStale(e, model, age.TotalSeconds);
                return known.Snapshot;
            }
        }
        return await refresh.WaitAsync(cancellationToken);
    }

    private Task<ModelSnapshot> RefreshAsync(string model, ModelRoute route)
    {
        lock (route)
        {
            return route.Refreshing is { IsCompleted: false } running
                ? running
                : route.Refreshing = LoadAsync(model, route);
        }
    }

    private async Task<ModelSnapshot> LoadAsync(string model, ModelRoute route)
    {
        // Off the caller's stack: the lock above is not held over the call.
        await Task.Yield();
        try
        {
            // The age counts from the asking: what was decided later is not in the answer.
            var asked = time.GetTimestamp();
            // Many requests share this call; none of their tokens may end it. Orleans bounds its time.
            var snapshot = await grains
                .GetGrain<IModelGrain>(model)
                .GetAsync(CancellationToken.None);
            if (snapshot is null)
            {
                _routes.TryRemove(new(model, route));
                throw new NotFoundException($"There is no model '{model}'.");
            }
            route.Current = new ModelRouteSnapshot(snapshot, asked);
            Trim();
            return snapshot;
        }
        catch (Exception e) when (e is not NotFoundException)
        {
            LogRefreshFailed(e, model);
            throw;
        }
        finally
        {
            if (route.Current is null)
                _routes.TryRemove(new(model, route));
        }
    }

    private void Trim()
    {
        if (_routes.Count <= options.Value.MaxRoutes)
            return;
        var oldest = _routes
            .Where(pair => pair.Value.Current is not null)
            .OrderBy(pair => pair.Value.Current!.FetchedAt)
            .Take(Math.Max(1, _routes.Count - (options.Value.MaxRoutes * 9 / 10)));
        foreach (var pair in oldest.ToList())
            _routes.TryRemove(pair);
    }

    /// <summary>The version that a reference means in a model.</summary>
    public static ModelVersionId Resolve(ModelSnapshot model, string reference)
    {
        if (reference.Length == 0)
            return new(
                model.Name,
                model.Aliases.TryGetValue("champion", out var champion)
                    ? champion
                    : model.LatestVersion
            );
        if (reference == "latest")
            return new(model.Name, model.LatestVersion);
        if (int.TryParse(reference, out var number))
            return number >= 1 && number <= model.LatestVersion
                ? new(model.Name, number)
                : throw new NotFoundException(
                    $"There is no model version {model.Name}@{reference}; the newest is {model.LatestVersion}."
                );
        return model.Aliases.TryGetValue(reference, out var aliased)
            ? new(model.Name, aliased)
            : throw new NotFoundException(
                $"Model '{model.Name}' has no version or alias '{reference}'; its aliases: {(model.Aliases.Count == 0 ? "none" : string.Join(", ", model.Aliases.Keys.Order()))}."
            );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Model {Model} could not be asked in time; its aliases as of {Age:F1} s ago serve."
    )]
    private partial void LogStale(Exception exception, string model, double age);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The aliases of model {Model} could not be read."
    )]
    private partial void LogRefreshFailed(Exception exception, string model);
}
