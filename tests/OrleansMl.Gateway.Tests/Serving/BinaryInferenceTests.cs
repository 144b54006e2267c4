using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

/// <summary>The binary tensor extension over HTTP, against a model that gives its input back.</summary>
public sealed partial class BinaryInferenceTests(GatewayCluster cluster)
{
    private const string HeaderLength = "Inference-Header-Content-Length";
    private static readonly byte[] OneAndTwo = [0, 0, 128, 63, 0, 0, 0, 64];

    private void AddModel(string name, string datatype = "FP32", params long[] shape)
    {
        if (shape.Length == 0)
            shape = [-1, 2];
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        TensorSignature Tensor(string tensor) =>
            new()
            {
                Name = tensor,
                Datatype = datatype,
                Shape = shape,
            };
        cluster.World.Versions[$"{name}@1"] = new ModelVersionSnapshot
        {
            Id = new ModelVersionId(name, 1),
            Onnx = default,
            Signature = new ModelSignature
            {
                Inputs = [Tensor("x")],
                Outputs = [Tensor("y")],
                ClassLabels = ["a", "b"],
            },
            Lineage = new ModelLineage(),
        };
        cluster.World.Answers[name] = (key, request) =>
            new InferenceResponse
            {
                Model = name,
                Version = 1,
                // What the model gives must not change when the request's memory goes back to its pool.
                Outputs =
                [
                    .. request.Inputs.Select(
                        (input, i) =>
                            input with
                            {
                                Name = i == 0 ? "y" : $"y{i}",
                                Data = input.Data.ToArray(),
                            }
                    ),
                ],
            };
    }

    private static HttpRequestMessage Request(string model, string? head, string json, byte[] tail)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{model}/infer")
        {
            Content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. tail]),
        };
        request.Content.Headers.ContentType = new("application/octet-stream");
        if (head is not null)
            request.Headers.Add(HeaderLength, head);
        return request;
    }

    private static Task<(int Status, string Json, byte[] Tail)> SendAsync(
        TestGateway gateway,
        string model,
        string json,
        params byte[] tail
    ) => SendAsync(gateway, Request(model, $"{Encoding.UTF8.GetByteCount(json)}", json, tail));

    private static async Task<(int Status, string Json, byte[] Tail)> SendAsync(
        TestGateway gateway,
        HttpRequestMessage request
    )
    {
        using (request)
        using (
            var response = await gateway.Http.SendAsync(
                request,
                TestContext.Current.CancellationToken
            )
        )
        {
            var body = await response.Content.ReadAsByteArrayAsync(
                TestContext.Current.CancellationToken
            );
            if (response.Content.Headers.ContentEncoding is { Count: 1 } codings)
            {
                await using Stream packed = codings.Contains("gzip")
                    ? new GZipStream(new MemoryStream(body), CompressionMode.Decompress)
                    : new ZLibStream(new MemoryStream(body), CompressionMode.Decompress);
                using var plain = new MemoryStream();
                await packed.CopyToAsync(plain, TestContext.Current.CancellationToken);
                body = plain.ToArray();
            }
            var head = response.Headers.TryGetValues(HeaderLength, out var lengths)
                ? int.Parse(lengths.Single())
                : body.Length;
            return (
                (int)response.StatusCode,
                Encoding.UTF8.GetString(body.AsSpan(0, head)),
                body[head..]
            );
        }
    }

    private static string Binary(
        int size,
        string more = "",
        string datatype = "FP32",
        string shape = "[1,2]"
    ) =>
        $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{size}}}}}]{{{more}}}}""";

    [Fact]
    public async Task Binary_in_gives_json_out_unless_binary_is_asked_for()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-out");

        var (_, json, none) = await SendAsync(gateway, "bin-out", Binary(8), OneAndTwo);
        Assert.Contains("\"data\":[1,2]", json, StringComparison.Ordinal);
        Assert.Empty(none);
        foreach (
            var (asked, isBinary) in new[]
            {
                (""","parameters":{"binary_data_output":true}""", true),
                (""","outputs":[{"name":"y","parameters":{"binary_data":true}}]""", true),
                (
                    ""","parameters":{"binary_data_output":true},"outputs":[{"name":"y","parameters":{"binary_data":false}}]""",
                    false
                ),
                (""","outputs":[{"name":"y"}],"parameters":{"binary_data_output":true}""", true),
            }
        )
        {
            var (status, head, tail) = await SendAsync(
                gateway,
                "bin-out",
                Binary(8, asked),
                OneAndTwo
            );
            Assert.Equal(200, status);
            Assert.Equal(isBinary ? OneAndTwo : [], tail);
            Assert.Equal(
                isBinary,
                head.Contains("""{"binary_data_size":8}""", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Json_and_binary_inputs_mix_and_each_takes_its_own_bytes_in_the_order_of_the_json()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-mixed");

        // Three BOOL bytes put the floats behind them where no float can be read in place.
        var (status, json, tail) = await SendAsync(
            gateway,
            "bin-mixed",
            """{"inputs":[{"parameters":{"binary_data_size":3},"datatype":"BOOL","shape":[3],"name":"a"},{"name":"b","shape":[1],"datatype":"INT32","data":[7]},{"name":"c","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"outputs":[{"name":"y2","parameters":{"binary_data":true}}]}""",
            [1, 0, 1, .. OneAndTwo]
        );

        Assert.Equal(200, status);
        Assert.Contains("[true,false,true]", json, StringComparison.Ordinal);
        Assert.Contains("[7]", json, StringComparison.Ordinal);
        Assert.Equal(OneAndTwo, tail);
    }

    [Theory]
    [InlineData("FP32", new long[] { -1, 2 }, 8, "[1,2]")]
    [InlineData("FP32", new long[] { -1 }, 8, "[2]")]
    [InlineData("INT64", new long[] { -1, -1 }, 16, "[1,2]")]
    [InlineData("BF16", new long[] { 2 }, 4, "[2]")]
    [InlineData("UINT8", new long[] { -1, 2, -1 }, 6, "[1,2,3]")]
    public async Task A_raw_body_is_the_only_input_in_a_batch_of_one(
        string datatype,
        long[] shape,
        int bytes,
        string expected
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-raw", datatype, shape);
        var body = new byte[bytes];
        body[1] = 63;

        var (status, json, tail) = await SendAsync(gateway, Request("bin-raw", "0", "", body));

        Assert.Equal(200, status);
        Assert.Contains($"\"shape\":{expected}", json, StringComparison.Ordinal);
        Assert.Equal(body, tail);
    }

    [Fact]
    public async Task A_raw_text_is_one_element()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-text", "BYTES", -1, 1);

        var (_, json, tail) = await SendAsync(
            gateway,
            Request("bin-text", "0", "", "Zürich"u8.ToArray())
        );

        Assert.Contains("\"shape\":[1,1]", json, StringComparison.Ordinal);
        Assert.Equal([7, 0, 0, 0, .. "Zürich"u8], tail);
    }

    [Fact]
    public async Task Classes_come_as_binary_texts_when_asked_for()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-classes");

        var (_, json, tail) = await SendAsync(
            gateway,
            "bin-classes",
            Binary(
                8,
                ""","outputs":[{"name":"y","parameters":{"classification":1,"binary_data":true}}]"""
            ),
            OneAndTwo
        );

        Assert.Contains("\"datatype\":\"BYTES\"", json, StringComparison.Ordinal);
        Assert.Equal(5u, BinaryPrimitives.ReadUInt32LittleEndian(tail));
        Assert.Equal("2:1:b", Encoding.UTF8.GetString(tail.AsSpan(4)));
    }

    [Theory]
    [InlineData("bin-bad", "8", 7, "0 to 7")]
    [InlineData("bin-bad", "8", 0, "0 to 0")]
    [InlineData("bin-bad", "8", 9, "1 bytes")]
    [InlineData("bin-bad", "-8", 8, "binary_data_size")]
    [InlineData("bin-bad", "8.5", 8, "binary_data_size")]
    [InlineData("bin-bad", "\"8\"", 8, "binary_data_size")]
    [InlineData("bin-bad", "99999999999999999999", 8, "binary_data_size")]
    [InlineData("bin-bad", "9223372036854775807", 8, "0 to 8")]
    public async Task A_wrong_binary_size_is_refused(
        string model,
        string size,
        int bytes,
        string named
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel(model);

        var (status, json, _) = await SendAsync(
            gateway,
            model,
            Binary(0).Replace(":0}", $":{size}}}", StringComparison.Ordinal),
            new byte[bytes]
        );

        Assert.Equal(400, status);
        Assert.Contains(named, Error(json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_that_overlap_and_data_given_twice_or_not_at_all_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-claims");
        const string Two =
            """{"inputs":[{"name":"a","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""";

        foreach (
            var (json, bytes, named) in new[]
            {
                (Two, 12, "input 'b'"),
                (
                    """{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[1],"parameters":{"binary_data_size":4}}]}""",
                    4,
                    "both"
                ),
                (
                    """{"inputs":[{"name":"a","shape":[1],"datatype":"FP32"}]}""",
                    0,
                    "'data' is missing"
                ),
                (
                    """{"inputs":[{"name":"a","shape":[1],"datatype":"FP33","parameters":{"binary_data_size":4}}]}""",
                    4,
                    "FP33"
                ),
            }
        )
        {
            var (status, answer, _) = await SendAsync(gateway, "bin-claims", json, new byte[bytes]);
            Assert.Equal(400, status);
            Assert.Contains(named, Error(answer), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1000000")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    [InlineData("1")]
    public async Task A_wrong_header_length_is_refused(string head)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-head");

        var (status, json, _) = await SendAsync(
            gateway,
            Request("bin-head", head, Binary(8), OneAndTwo)
        );

        Assert.Equal(400, status);
        Assert.NotEmpty(Error(json));
    }

    [Theory]
    [InlineData(new long[] { -1, 2 }, 7)]
    [InlineData(new long[] { -1, 2 }, 16)]
    [InlineData(new long[] { -1, -1, -1 }, 8)]
    [InlineData(new long[] { -1, 2 }, 0)]
    public async Task A_raw_body_that_fits_no_row_is_refused(long[] shape, int bytes)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-unfit", "FP32", shape);

        var (status, json, _) = await SendAsync(
            gateway,
            Request("bin-unfit", "0", "", new byte[bytes])
        );

        Assert.Equal(400, status);
        Assert.Contains("'x'", Error(json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_with_a_meaning_reach_the_model_and_wrong_ones_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-parameters");
        var echo = cluster.World.Answers["bin-parameters"];
        InferenceParameters? got = null;
        cluster.World.Answers["bin-parameters"] = (key, request) =>
        {
            got = request.Parameters;
            return echo(key, request);
        };
        async Task<int> SendParametersAsync(string parameters) =>
            (
                await SendAsync(
                    gateway,
                    "bin-parameters",
                    Binary(8, $",\"parameters\":{{{parameters}}}"),
                    OneAndTwo
                )
            ).Status;

        Assert.Equal(
            200,
            await SendParametersAsync(
                """
                "priority":1,"timeout":2500,"sequence_id":42,"sequence_start":true,"sequence_end":false,"other":[1]
                """
            )
        );
        Assert.Equal(
            new InferenceParameters
            {
                Priority = 1,
                TimeoutMicroseconds = 2500,
                SequenceId = "42",
                SequenceStart = true,
            },
            got
        );
        Assert.Equal(200, await SendParametersAsync("\"sequence_id\":\"s-7\""));
        Assert.Equal("s-7", got!.SequenceId);
        Assert.Equal(200, await SendParametersAsync("\"sequence_id\":0"));
        Assert.Null(got.SequenceId);
        foreach (
            var wrong in new[]
            {
                "\"priority\":-1",
                "\"priority\":\"high\"",
                "\"timeout\":-5",
                "\"sequence_id\":-1",
                "\"sequence_id\":true",
                "\"sequence_start\":1",
                "\"binary_data_output\":\"yes\"",
            }
        )
            Assert.Equal(400, await SendParametersAsync(wrong));
    }

    [Theory]
    [InlineData("GET", "/v2/nothing", 404)]
    [InlineData("POST", "/v2/models/bin-none/infer/more", 404)]
    [InlineData("POST", "/v2/models/bin-none/infer", 404)]
    [InlineData("GET", "/v2/models/bin-none/infer", 405)]
    [InlineData("DELETE", "/v2/health/live", 405)]
    [InlineData("GET", "/v2/models/bin-none/versions/3", 404)]
    [InlineData("GET", "/v2/models/bin-none/ready", 404)]
    public async Task Every_path_answers_errors_in_the_protocols_shape(
        string method,
        string path,
        int expected
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent(
                """{"inputs":[]}""",
                Encoding.UTF8,
                "application/json"
            );

        var (status, json, _) = await SendAsync(gateway, request);

        Assert.Equal(expected, status);
        Assert.NotEmpty(Error(json));
    }

    [Fact]
    public async Task The_server_says_that_it_takes_binary_tensors()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);

        var server = await gateway.GetAsync<JsonElement>("/v2");

        Assert.Contains(
            "binary_tensor_data",
            server.GetProperty("extensions").EnumerateArray().Select(e => e.GetString())
        );
    }

    private static string Error(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("error").GetString()!;
    }
}
