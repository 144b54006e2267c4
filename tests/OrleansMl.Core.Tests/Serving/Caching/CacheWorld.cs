using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Core.Tests.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Caching;

/// <summary>An invoker with a cache over a predictor that counts.</summary>
internal sealed class CacheWorld : IDisposable
{
    public CacheWorld(long maxBytes = 64L << 20)
    {
        Counters = new ServingCounters(Time);
        Cache = new ResponseCache(
            Counters,
            Options.Create(new ResponseCacheOptions { MaxBytes = maxBytes }),
            Time
        );
        Invoker = new ModelInvoker(
            new ModelRoutes(
                new FakeModelSource(),
                Options.Create(new RoutingOptions()),
                Time,
                NullLogger<ModelRoutes>.Instance
            ),
            Predictor,
            TrafficWorld.Router(Time),
            [],
            cache: Cache
        );
    }

    public FakeTimeProvider Time { get; } = new();

    public CountingPredictor Predictor { get; } = new();

    public ServingCounters Counters { get; }

    public ResponseCache Cache { get; }

    public ModelInvoker Invoker { get; }

    public CachePolicy? Policy { get; set; } = new();

    public long Revision { get; set; } = 1;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask<InferenceResponse> CallAsync(
        int version,
        InferenceRequest request,
        CancellationToken? cancel = null
    ) =>
        Invoker.InvokeAsync(
            new InferenceRoute(
                new InferenceCall("churn", ""),
                new ModelVersionId("churn", version),
                new RouteSnapshot(
                    TrafficWorld.Model(),
                    new ServingPolicySnapshot
                    {
                        Model = "churn",
                        Revision = Revision,
                        Policy = new ServingPolicy { Cache = Policy },
                    },
                    0
                )
            ),
            request,
            cancel ?? Cancel
        );

    public static InferenceRequest Request(params float[] values) =>
        new()
        {
            Id = $"r{values[0]}",
            Inputs =
            [
                new InferenceTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [values.Length],
                    Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
                },
            ],
        };

    public void Dispose() => Cache.Dispose();
}
