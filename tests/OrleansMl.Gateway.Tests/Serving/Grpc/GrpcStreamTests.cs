using System.Collections.Concurrent;
using Grpc.Core;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Grpc;

public sealed class GrpcStreamTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<ModelStreamInferResponse>> DrainAsync(
        AsyncDuplexStreamingCall<ModelInferRequest, ModelStreamInferResponse> stream
    )
    {
        var answers = new List<ModelStreamInferResponse>();
        await foreach (var answer in stream.ResponseStream.ReadAllAsync(Token))
            answers.Add(answer);
        return answers;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen)
            seen = Interlocked.CompareExchange(ref most, value, seen);
    }

    [Fact]
    public async Task Answers_come_in_the_requests_order_each_with_its_own_error()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gs-order", "FP32");
        using var stream = world.Client.ModelStreamInfer(cancellationToken: Token);
        for (var i = 0; i < 100; i++)
        {
            var request = GrpcWorld.Number("gs-order", i, $"{i}");
            if (i % 10 == 3)
                request.ModelName = "gs-none";
            await stream.RequestStream.WriteAsync(request, Token);
        }
        await stream.RequestStream.CompleteAsync();

        var answers = await DrainAsync(stream);

        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => $"{i}"),
            answers.Select(answer => answer.InferResponse.Id)
        );
        for (var i = 0; i < 100; i++)
        {
            if (i % 10 == 3)
            {
                Assert.Contains("Request for unknown model", answers[i].ErrorMessage);
                Assert.Empty(answers[i].InferResponse.Outputs);
            }
            else
            {
                Assert.Equal("", answers[i].ErrorMessage);
                Assert.Equal(
                    i,
                    BitConverter.ToSingle(answers[i].InferResponse.RawOutputContents[0].Span)
                );
            }
        }
    }

    [Fact]
    public async Task Requests_run_side_by_side_up_to_the_limit_and_no_further_one_is_read()
    {
        await using var world = await GrpcWorld.StartAsync(
            cluster,
            options => options.MaxStreamInFlight = 3
        );
        GrpcWorld.AddEcho(cluster, "gs-limit", "FP32");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var three = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = 0;
        world.Gateway.Predictor.Entering = request =>
        {
            if (request.Id == "other")
                return Task.CompletedTask;
            if (Interlocked.Increment(ref entered) == 3)
                three.SetResult();
            return gate.Task;
        };
        using var stream = world.Client.ModelStreamInfer(cancellationToken: Token);
        for (var i = 0; i < 10; i++)
            await stream.RequestStream.WriteAsync(GrpcWorld.Number("gs-limit", i, $"{i}"), Token);
        await stream.RequestStream.CompleteAsync();
        var drained = DrainAsync(stream);
        await three.Task.WaitAsync(Token);
        // All three run at once. Nothing that goes through the gateway meanwhile has it read a fourth.
        for (var i = 0; i < 20; i++)
            await world.Client.ModelInferAsync(
                GrpcWorld.Number("gs-limit", 1, "other"),
                cancellationToken: Token
            );
        Assert.Equal(3, Volatile.Read(ref entered));

        gate.SetResult();

        Assert.Equal(
            Enumerable.Range(0, 10).Select(i => $"{i}"),
            (await drained).Select(answer => answer.InferResponse.Id)
        );
        Assert.Equal(10, entered);
    }

    [Fact]
    public async Task Requests_of_one_sequence_run_one_after_the_other()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gs-sequence", "FP32");
        var running = new ConcurrentDictionary<string, int>();
        var most = 0;
        var order = new ConcurrentQueue<string>();
        world.Gateway.Predictor.Entering = async request =>
        {
            var sequence = request.Parameters.SequenceId!;
            var now = running.AddOrUpdate(sequence, 1, (_, count) => count + 1);
            InterlockedMax(ref most, now);
            order.Enqueue(request.Id!);
            for (var i = 0; i < 5; i++)
                await Task.Yield();
            running.AddOrUpdate(sequence, 0, (_, count) => count - 1);
        };
        using var stream = world.Client.ModelStreamInfer(cancellationToken: Token);
        for (var i = 0; i < 60; i++)
        {
            var request = GrpcWorld.Number("gs-sequence", i, $"{i % 3}/{i:D3}");
            request.Parameters["sequence_id"] = new InferParameter { StringParam = $"s{i % 3}" };
            await stream.RequestStream.WriteAsync(request, Token);
        }
        await stream.RequestStream.CompleteAsync();

        var answers = await DrainAsync(stream);

        Assert.All(answers, answer => Assert.Equal("", answer.ErrorMessage));
        Assert.Equal(1, most);
        foreach (var ids in order.GroupBy(id => id[0]))
            Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task A_cancelled_stream_ends_and_the_gateway_answers_on()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gs-cancel", "FP32");
        using var stop = new CancellationTokenSource();
        using var stream = world.Client.ModelStreamInfer(cancellationToken: stop.Token);
        await stream.RequestStream.WriteAsync(GrpcWorld.Number("gs-cancel", 1), Token);
        Assert.True(await stream.ResponseStream.MoveNext(Token));
        await stop.CancelAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            stream.ResponseStream.MoveNext(Token)
        );

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await world.Client.ModelInferAsync(
            GrpcWorld.Number("gs-cancel", 1),
            cancellationToken: Token
        );
    }
}
