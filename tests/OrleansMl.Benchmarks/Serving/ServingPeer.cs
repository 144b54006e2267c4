using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>
/// The peer: the service that one writes for a model with ASP.NET Core and ONNX Runtime. One <c>Run</c> a request, on the request's
/// thread; binary bodies in pooled memory that the runtime reads in place; JSON by System.Text.Json with generated code.
/// </summary>
internal sealed class ServingPeer : IDisposable
{
    private readonly RunOptions _run = new();
    private readonly Dictionary<string, InferenceSession> _sessions = [];

    /// <summary>Serves the models <c>NAME=FILE</c> on a free port until standard input ends; prints a line of JSON with its address.</summary>
    public static int Run(string[] args) => RunAsync(args).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(string[] args)
    {
        using var peer = new ServingPeer();
        foreach (var model in args)
        {
            var parts = model.Split('=', 2);
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            peer._sessions[parts[0]] = new InferenceSession(parts[1], options);
        }
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/json/{model}", peer.JsonAsync);
        app.MapPost("/binary/{model}", peer.BinaryAsync);
        await app.StartAsync(CancellationToken.None);
        Console.WriteLine($$"""{"url":"{{app.Urls.First()}}"}""");
        await Console.In.ReadToEndAsync(CancellationToken.None);
        await app.StopAsync(CancellationToken.None);
        return 0;
    }

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
            session.Dispose();
        _run.Dispose();
    }

    private async Task JsonAsync(HttpContext context, string model)
    {
        var request = await JsonSerializer.DeserializeAsync(
            context.Request.Body,
            PeerJson.Default.PeerRequest,
            context.RequestAborted
        );
        var input = request!.Inputs[0];
        using var value = OrtValue.CreateTensorValueFromMemory(input.Data, input.Shape);
        using var results = _sessions[model]
            .Run(_run, [input.Name], [value], [ServingModels.Output]);
        var shape = results[0].GetTensorTypeAndShape().Shape;
        await context.Response.WriteAsJsonAsync(
            new PeerResponse(
                model,
                [
                    new PeerTensor(
                        ServingModels.Output,
                        shape,
                        "FP32",
                        results[0].GetTensorDataAsSpan<float>().ToArray()
                    ),
                ]
            ),
            PeerJson.Default.PeerResponse,
            cancellationToken: context.RequestAborted
        );
    }

    private async Task BinaryAsync(HttpContext context, string model)
    {
        var length = (int)context.Request.ContentLength!.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await context.Request.Body.ReadExactlyAsync(
                buffer.AsMemory(0, length),
                context.RequestAborted
            );
            RunBinary(context, model, buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private unsafe void RunBinary(HttpContext context, string model, Memory<byte> body)
    {
        using var pin = body.Pin();
        using var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance,
            TensorElementType.Float,
            [body.Length / (ServingModels.Features * sizeof(float)), ServingModels.Features],
            (nint)pin.Pointer,
            body.Length
        );
        using var results = _sessions[model]
            .Run(_run, [ServingModels.Input], [value], [ServingModels.Output]);
        var output = results[0].GetTensorMutableRawData();
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = output.Length;
        context.Response.BodyWriter.Write(output);
    }
}
