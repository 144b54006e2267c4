using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Serving;

namespace OrleansMl.Client.Tests.Serving;

public sealed class BinaryTensorsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tensors_go_and_come_as_bytes_behind_the_json()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var json = """
            {"model_name":"m","model_version":"3","outputs":[
            {"name":"y","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}},
            {"name":"n","datatype":"INT64","shape":[1],"data":[7]},
            {"name":"z","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}
            """;
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) => Answer(context, json, json.Length, 1.5f, float.NaN, -2f)
        );
        using var client = Client(gateway);

        var answer = await client
            .Model("m")
            .PredictAsync(
                [TensorData.Float32("a", [1, 2], 1, 2), TensorData.Text("b", ["héllo"], 1)],
                ["y"],
                Token
            );

        Assert.Equal(3, answer.Version);
        Assert.Equal([1.5f, float.NaN], answer.Outputs[0].AsFloat32());
        Assert.Equal([7L], answer.Outputs[1].AsInt64());
        Assert.Equal([-2f], answer.Outputs[2].AsFloat32());
        var sent = Assert.Single(gateway.Requests);
        var length = int.Parse(
            sent.Headers["Inference-Header-Content-Length"],
            CultureInfo.InvariantCulture
        );
        var head = InferenceProtocol.Head(sent);
        Assert.Equal(
            """[{"name":"a","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}},{"name":"b","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":10}}]""",
            head.GetProperty("inputs").GetRawText()
        );
        Assert.True(head.GetProperty("parameters").GetProperty("binary_data_output").GetBoolean());
        Assert.Equal("""[{"name":"y"}]""", head.GetProperty("outputs").GetRawText());
        Assert.Equal(
            [.. Bytes(1, 2), 6, 0, 0, 0, .. "héllo"u8],
            sent.Body.AsSpan(length).ToArray()
        );
    }

    [Theory]
    [InlineData("1000", "1000")]
    [InlineData("x", "'x'")]
    public async Task A_length_of_json_that_is_not_in_the_body_is_no_answer(
        string length,
        string named
    )
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On("POST", "/v2/models/m/infer", (context, _) => Answer(context, "{}", length, 1f));
        using var client = Client(gateway);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Model("m").PredictAsync([TensorData.Float32("a", [1], 1)], null, Token)
        );

        Assert.Equal(OrleansMlErrorCodes.UnexpectedAnswer, error.Code);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public async Task Tensors_larger_than_the_rest_of_the_body_are_no_answer()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var json = """
            {"model_name":"m","model_version":"3","outputs":[{"name":"y","datatype":"FP32","shape":[9],"parameters":{"binary_data_size":36}}]}
            """;
        gateway.On(
            "POST",
            "/v2/models/m/infer",
            (context, _) => Answer(context, json, json.Length, 1f)
        );
        using var client = Client(gateway);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Model("m").PredictAsync([TensorData.Float32("a", [1], 1)], null, Token)
        );

        Assert.Equal(OrleansMlErrorCodes.UnexpectedAnswer, error.Code);
    }

    private static OrleansMlClient Client(FakeGateway gateway) =>
        new(
            new OrleansMlClientOptions
            {
                Endpoints = [gateway.Address],
                TensorFormat = TensorFormat.Binary,
            }
        );

    private static async Task Answer(
        HttpContext context,
        string json,
        object length,
        params float[] tail
    )
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers["Inference-Header-Content-Length"] = $"{length}";
        await context.Response.Body.WriteAsync(
            (byte[])[.. Encoding.UTF8.GetBytes(json), .. Bytes(tail)],
            context.RequestAborted
        );
    }

    private static byte[] Bytes(params float[] values) =>
        MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
