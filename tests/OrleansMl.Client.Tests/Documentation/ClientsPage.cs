using Orleans;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Client.Serving.Typed;
using OrleansMl.Contracts.Serving;

#pragma warning disable MA0040 // The examples are an app's, which has no test's token.
namespace OrleansMl.Client.Tests.Documentation;

/// <summary>The examples of docs/clients.md.</summary>
internal static class ClientsPage
{
    public sealed record Passenger(long Age, string City, [Tensor("is-member")] bool Member);

    public sealed record Verdict(float Score, [Tensor("label")] string Class);

    public static async Task<float> TypedAsync(OrleansMlClient client)
    {
        var churn = client.Model<Passenger, Verdict>("churn");
        var one = await churn.InferAsync(new Passenger(41, "Oslo", true));
        var many = await churn.InferAsync([new(41, "Oslo", true), new(63, "Rome", false)]);
        return one.Score + many[1].Score;
    }

    public static async Task<float> SignedAsync(OrleansMlClient client)
    {
        var answer = await client.Inference.InferAsync("iris", r => r.Set("x", 5.1, 3.5, 1.4, 0.2));
        float[] scores = answer.Output("scores").AsFloat32();
        return scores[0];
    }

    public static async Task<int> TensorsAsync(IInferenceClient client)
    {
        var request = new InferenceRequest
        {
            Inputs = [TensorData.Float32("x", [5.1f, 3.5f, 1.4f, 0.2f], 1, 4)],
        };
        var answer = await client.InferAsync(
            "iris",
            request,
            new InferenceCallOptions
            {
                Reference = "champion",
                Key = "user-17",
                Timeout = TimeSpan.FromMilliseconds(500),
            }
        );
        Console.WriteLine($"{answer.Model}@{answer.Version}");
        answer.Release();
        return answer.Version;
    }

    public static IInferenceClient[] Transports(IGrainFactory grains)
    {
        var http = InferenceClient.OverHttp(new() { Endpoints = [new("http://127.0.0.1:8080")] });
        var grpc = InferenceClient.OverGrpc(new() { Endpoints = [new("http://127.0.0.1:8081")] });
        var grain = InferenceClient.OverGrains(grains);
        return [http, grpc, grain];
    }

    public static async Task<int> StreamAsync(
        GrpcInferenceClient grpc,
        IAsyncEnumerable<InferenceRequest> requests
    )
    {
        var failed = 0;
        await foreach (var answer in grpc.StreamAsync("iris", requests))
        {
            if (answer.Error is { } error)
                failed++;
            else
                Console.WriteLine(answer.Response!.Outputs[0].AsFloat32()[0]);
        }
        return failed;
    }

    public static OrleansMlClient Resilient() =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = [new("http://10.0.0.1:8080"), new("http://10.0.0.2:8080")],
                Discovery = EndpointDiscovery.Cluster,
                ApiKey = Environment.GetEnvironmentVariable("OML_API_KEY"),
                Timeout = TimeSpan.FromSeconds(5),
                AttemptTimeout = TimeSpan.FromSeconds(1),
                Hedging = new HedgingOptions { Budget = 0.05 },
            }
        );
}
