using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Tests.Serving;

/// <summary>The gateway's side of binary requests and answers, as the protocol's text has it: written apart from the client's.</summary>
internal static class InferenceProtocol
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>The JSON of a request.</summary>
    public static JsonElement Head(RecordedRequest request) =>
        JsonSerializer.Deserialize<JsonElement>(
            request.Body.AsSpan(
                0,
                int.Parse(request.Headers[HeaderLength], CultureInfo.InvariantCulture)
            )
        );

    /// <summary>A request's parameter <c>timeout</c>.</summary>
    public static TimeSpan Timeout(RecordedRequest request) =>
        TimeSpan.FromMicroseconds(
            Head(request).GetProperty("parameters").GetProperty("timeout").GetInt64()
        );

    /// <summary>The tensors of a request.</summary>
    public static IReadOnlyList<InferenceTensor> Inputs(HttpContext context)
    {
        var body = ((MemoryStream)context.Request.Body).ToArray();
        var at = int.Parse(context.Request.Headers[HeaderLength]!, CultureInfo.InvariantCulture);
        var inputs = new List<InferenceTensor>();
        foreach (
            var input in JsonSerializer
                .Deserialize<JsonElement>(body.AsSpan(0, at))
                .GetProperty("inputs")
                .EnumerateArray()
        )
        {
            var size = input.GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
            inputs.Add(
                new InferenceTensor
                {
                    Name = input.GetProperty("name").GetString()!,
                    Datatype = input.GetProperty("datatype").GetString()!,
                    Shape =
                    [
                        .. input.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()),
                    ],
                    Data = body.AsMemory(at, size),
                }
            );
            at += size;
        }
        Assert.Equal(body.Length, at);
        return inputs;
    }

    /// <summary>Answers with tensors in binary.</summary>
    /// <param name="context">The request.</param>
    /// <param name="outputs">The tensors.</param>
    /// <param name="cut">Bytes at the answer's end that never come: the connection breaks before them.</param>
    public static async Task AnswerAsync(
        HttpContext context,
        IReadOnlyList<InferenceTensor> outputs,
        int cut = 0
    )
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                model_name = "m",
                model_version = "3",
                id = "q",
                outputs = outputs.Select(o => new
                {
                    name = o.Name,
                    datatype = o.Datatype,
                    shape = o.Shape,
                    parameters = new { binary_data_size = o.Data.Length },
                }),
            }
        );
        byte[] body = [.. json, .. outputs.SelectMany(o => o.Data.ToArray())];
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers[HeaderLength] = $"{json.Length}";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(
            body.AsMemory(0, body.Length - cut),
            context.RequestAborted
        );
        if (cut == 0)
            return;
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    public static Task ScoreAsync(HttpContext context, float score) =>
        AnswerAsync(context, [TensorData.Float32("y", [score], 1)]);

    /// <summary>A gateway whose model answers with this score.</summary>
    public static async Task<FakeGateway> ScoringAsync(float score)
    {
        var gateway = await FakeGateway.StartAsync();
        return gateway.On("POST", "/v2/models/m/infer", (context, _) => ScoreAsync(context, score));
    }

    public static InferenceRequest Request(string? sequence = null) =>
        new()
        {
            Inputs = [TensorData.Float32("x", [1f], 1)],
            Parameters = new InferenceParameters { SequenceId = sequence },
        };
}
