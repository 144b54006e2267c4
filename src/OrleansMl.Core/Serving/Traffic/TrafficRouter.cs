using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Routes governed calls by their plan, counts what becomes of them, and passes some on to a shadow. Makes no call and waits for nothing. Thread-safe.</summary>
public sealed class TrafficRouter(
    TrafficCounters counters,
    ShadowQueue shadows,
    ITrafficRandom random,
    TimeProvider time
)
{
    /// <summary>The version for a call, and the id of its prediction where the call is governed.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    public InferenceRoute Route(InferenceCall call, RouteSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var model = snapshot.Model;
        if (snapshot.Traffic is not { } plan || !plan.Governs(call.Reference))
            return new(call, ModelRoutes.Resolve(model, call.Reference), snapshot);
        var version = plan.Choose(call.Key, random) is { } chosen
            ? new ModelVersionId(model.Name, chosen)
            : ModelRoutes.Resolve(model, call.Reference);
        return new(
            call,
            version,
            snapshot,
            new PredictionId(
                version.Version,
                plan.Experiment,
                time.GetUtcNow().ToUnixTimeMilliseconds(),
                random.NextBits()
            )
        );
    }

    /// <summary>The clock, for <see cref="Answered"/>.</summary>
    public long Start() => time.GetTimestamp();

    /// <summary>Counts an answered call, and passes it on to the shadow.</summary>
    public void Answered(
        in InferenceRoute route,
        InferenceRequest request,
        InferenceResponse response,
        long started
    )
    {
        if (route.Prediction.IsNone || route.Snapshot.Traffic is not { } plan)
            return;
        var stage = Stage(route, plan);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        counters.Arm(stage, route.Version.Version).Answered(seconds);
        if (
            plan.Shadow is not { } shadow
            || shadow == route.Version.Version
            || (plan.ShadowShare < 1 && random.NextUnit() >= plan.ShadowShare)
        )
            return;
        var call = new ShadowCall(
            stage,
            route.Version.Version,
            new ModelVersionId(route.Version.Name, shadow),
            request,
            response,
            seconds,
            Bytes(request.Inputs) + Bytes(response.Outputs)
        );
        if (!shadows.TryAdd(call))
            counters
                .Shadow(stage, call.Version, shadow)
                .Add(tally => tally with { Dropped = tally.Dropped + 1 });
    }

    /// <summary>Counts a call that failed, unless its caller is to blame or has gone.</summary>
    public void Failed(in InferenceRoute route, Exception error)
    {
        if (
            error is InvalidInputException or OperationCanceledException
            || route.Prediction.IsNone
            || route.Snapshot.Traffic is not { } plan
        )
            return;
        counters.Arm(Stage(route, plan), route.Version.Version).Failed();
    }

    private static TrafficStage Stage(in InferenceRoute route, TrafficPlan plan) =>
        new(route.Version.Name, plan.Experiment, plan.Step);

    private static long Bytes(IReadOnlyList<InferenceTensor> tensors)
    {
        var bytes = 0L;
        foreach (var tensor in tensors)
            bytes += tensor.Data.Length;
        return bytes;
    }
}
