using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Serving.Routing;

/// <summary>
/// What is known of models: immutable snapshots, so that the hot path makes no grain call. A snapshot serves at once while it
/// is young; a little older, it serves once more while a newer one is fetched behind; older still, the request waits for the
/// newer one, briefly, and takes the old one when the model's grain can't be asked. Thread-safe.
/// </summary>
public sealed partial class ModelRoutes(
    IModelSource source,
    IOptions<RoutingOptions> options,
    TimeProvider time,
    ILogger<ModelRoutes> logger,
    Lazy<IModelPredictor>? predictor = null
)
{
    private readonly ConcurrentDictionary<string, ModelRoute> _routes = new();
    private readonly TimeSpan _refresh = TimeSpan.FromSeconds(options.Value.RefreshSeconds);
    private readonly TimeSpan _stale = TimeSpan.FromSeconds(options.Value.StaleSeconds);
    private readonly TimeSpan _warm = TimeSpan.FromSeconds(options.Value.WarmSeconds);
    private readonly TimeSpan _wait = TimeSpan.FromMilliseconds(options.Value.WaitMilliseconds);

    /// <summary>The model, its aliases and its serving policy.</summary>
    /// <exception cref="InvalidInputException">That is no model name.</exception>
    /// <exception cref="NotFoundException">No such model.</exception>
    public ValueTask<RouteSnapshot> GetAsync(string model, CancellationToken cancellationToken)
    {
        if (_routes.TryGetValue(model, out var route) && route.Current is { } current)
        {
            var age = time.GetElapsedTime(current.FetchedAt);
            if (age <= _refresh || route.IsWarming)
                return new(current);
            if (age <= 2 * _refresh)
            {
                // The refresh answers for itself: a failure is logged there and tried again by the next request.
                _ = RefreshAsync(model, route);
                return new(current);
            }
        }
        return ResourceName.IsValid(model)
            ? new(FetchAsync(model, cancellationToken))
            : throw new InvalidInputException($"'{model}' is not a model name.");
    }

    /// <summary>Forgets what is known of a model, after a change through this silo: its own caller sees it at once.</summary>
    public void Invalidate(string model) => _routes.TryRemove(model, out _);

    /// <summary>Asks anew for a model of which something changed, where anything is known of it. What is known serves until the answer is there.</summary>
    public void Changed(string model)
    {
        if (_routes.TryGetValue(model, out var route))
            _ = Task.Run(() => RefreshAnewAsync(model, route));
    }

    /// <summary>The version that a reference means in a model; an empty one is <c>champion</c>, else the newest.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    public static ModelVersionId Resolve(ModelSnapshot model, string reference)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reference);
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

    private async Task<RouteSnapshot> FetchAsync(string model, CancellationToken cancellationToken)
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
                return known;
            }
        }
        return await refresh.WaitAsync(cancellationToken);
    }

    private Task<RouteSnapshot> RefreshAsync(string model, ModelRoute route)
    {
        lock (route)
        {
            return route.Refreshing is { IsCompleted: false } running
                ? running
                : route.Refreshing = LoadAsync(model, route);
        }
    }

    private async Task<RouteSnapshot> LoadAsync(string model, ModelRoute route)
    {
        // Off the caller's stack: the lock above is not held over the call.
        await Task.Yield();
        try
        {
            // The age counts from the asking: what was decided later is not in the answer.
            var asked = time.GetTimestamp();
            // Many requests share these calls; none of their tokens may end them. Orleans bounds their time.
            var found = source.FindAsync(model, CancellationToken.None);
            // Of a name that is not known to be a model's, no second grain is woken.
            if (route.Current is null && await found is null)
                throw Unknown(model, route);
            var serving = source.GetPolicyAsync(model, CancellationToken.None);
            await Task.WhenAll(found, serving);
            if (await found is not { } snapshot)
                throw Unknown(model, route);
            var policy = await serving;
            // Most models have no traffic section, and cost no third call.
            var traffic = policy.Policy.Traffic is null
                ? null
                : await source.GetTrafficAsync(model, CancellationToken.None);
            var next = new RouteSnapshot(snapshot, policy, asked)
            {
                Traffic = TrafficPlan.Create(snapshot, traffic),
            };
            if (route.Current is { } previous)
                await WarmAsync(route, previous, next);
            route.Current = next;
            Trim();
            return next;
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

    private NotFoundException Unknown(string model, ModelRoute route)
    {
        _routes.TryRemove(new(model, route));
        return new NotFoundException($"Request for unknown model: there is no model '{model}'.");
    }

    private async Task RefreshAnewAsync(string model, ModelRoute route)
    {
        Task<RouteSnapshot>? running;
        lock (route)
            running = route.Refreshing;
        // A fetch under way may have asked before the change.
        if (running is { IsCompleted: false })
            await Task.WhenAny(running);
        await Task.WhenAny(RefreshAsync(model, route));
    }

    /// <summary>Loads the versions that the next snapshot leads to and the previous one didn't, while the previous one serves.</summary>
    private async Task WarmAsync(ModelRoute route, RouteSnapshot previous, RouteSnapshot next)
    {
        var added = Targets(next).Except(Targets(previous)).ToList();
        if (predictor is null || added.Count == 0)
            return;
        route.IsWarming = true;
        try
        {
            using var patience = new CancellationTokenSource(_warm, time);
            foreach (var version in added)
            {
                await predictor
                    .Value.LoadAsync(new(next.Model.Name, version), patience.Token)
                    .AsTask()
                    .WaitAsync(patience.Token);
            }
        }
        catch (Exception e)
        {
            // The registry has the last word: calls of a version that can't be loaded fail and say why.
            LogCold(e, next.Model.Name);
        }
        finally
        {
            route.IsWarming = false;
        }
    }

    private static HashSet<int> Targets(RouteSnapshot snapshot) =>
        [
            Resolve(snapshot.Model, "").Version,
            .. snapshot.Model.Aliases.Values,
            .. snapshot.Traffic?.Versions ?? [],
        ];

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

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Model {Model} could not be asked in time; its route as of {Age:F1} s ago serves."
    )]
    private partial void LogStale(Exception exception, string model, double age);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The route of model {Model} could not be read."
    )]
    private partial void LogRefreshFailed(Exception exception, string model);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A version that model {Model} is now routed to could not be loaded before; it is routed to all the same."
    )]
    private partial void LogCold(Exception exception, string model);
}
