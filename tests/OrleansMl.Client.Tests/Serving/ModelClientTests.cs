using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Tests.Serving;

public sealed class ModelClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Images_go_as_one_tensor_and_come_back_as_labels()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Registry(gateway, 2, Images(["Bag", "Coat", "Shirt"]));
        gateway.OnJson(
            "POST",
            "/v2/models/fashion/infer",
            Answer(
                2,
                Tensor("label", "BYTES", [2], new[] { "Shirt", "Bag" }),
                Tensor(
                    "label_probabilities",
                    "FP32",
                    [2, 3],
                    new[] { 0.1f, 0.2f, 0.7f, 0.8f, 0.1f, 0.1f }
                )
            )
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var answer = await client
            .Model("fashion")
            .PredictAsync(new ImageBatch(new byte[] { 1, 2, 3, 4, 5, 6, 255, 0 }, 2), Token);

        Assert.Equal(2, answer.Version);
        Assert.Equal(["Shirt", "Bag"], answer.Predictions.Select(p => p.Label));
        Assert.Equal([0.7f, 0.8f], answer.Predictions.Select(p => p.Probability));
        Assert.Equal([0.8f, 0.1f, 0.1f], answer.Predictions[1].Probabilities.ToArray());
        var request = gateway.Requests.Single(r => r.Method == "POST");
        Assert.Equal(
            """[{"name":"image","datatype":"UINT8","shape":[2,2,2,1],"parameters":{"binary_data_size":8}}]""",
            InferenceProtocol.Head(request).GetProperty("inputs").GetRawText()
        );
        Assert.Equal([1, 2, 3, 4, 5, 6, 255, 0], request.Body[^8..]);
    }

    [Fact]
    public async Task A_model_without_a_label_output_is_read_by_its_largest_score()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Registry(gateway, 1, Images(["a", "b"]));
        gateway.OnJson(
            "POST",
            "/v2/models/fashion/infer",
            Answer(1, Tensor("scores", "FP32", [1, 2], new[] { 0.4f, 0.6f }))
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var answer = await client.Model("fashion").PredictAsync(ImageBatch.Of(new byte[4]), Token);

        Assert.Equal("b", Assert.Single(answer.Predictions).Label);
    }

    [Fact]
    public async Task Images_of_a_wrong_size_are_refused_before_they_are_sent()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Registry(gateway, 1, Images(["a", "b"]));
        using var client = new OrleansMlClient($"{gateway.Address}");

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.Model("fashion").PredictAsync(new ImageBatch(new byte[10], 2), Token)
        );

        Assert.Contains("[2,2,1]", error.Message);
        Assert.Contains("got 5", error.Message);
        Assert.DoesNotContain(gateway.Requests, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_moved_alias_with_another_input_is_followed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        Registry(gateway, 1, Images(["a", "b"]));
        gateway.On(
            "POST",
            "/v2/models/fashion/infer",
            (context, count) =>
            {
                if (count == 1)
                {
                    Registry(gateway, 2, Images(["a", "b"], "pixels"));
                    return FakeGateway.Error(
                        context,
                        400,
                        "invalid_input",
                        "no input 'image', expected 'pixels'"
                    );
                }
                return FakeGateway.Json(
                    context,
                    Answer(2, Tensor("label", "BYTES", [1], new[] { "a" }))
                );
            }
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var answer = await client.Model("fashion").PredictAsync(ImageBatch.Of(new byte[4]), Token);

        Assert.Equal(2, answer.Version);
        Assert.Contains("\"name\":\"pixels\"", gateway.Requests.Last(r => r.Method == "POST").Text);
    }

    [Fact]
    public async Task Named_features_go_to_the_asked_version()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/models/churn/versions/7/predict",
            new
            {
                model = "churn",
                version = 7,
                predictions = new[]
                {
                    new
                    {
                        label = "true",
                        probability = 0.75,
                        outputs = new { churned = true },
                    },
                },
            }
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var prediction = await client
            .Model("churn", "7")
            .PredictAsync(
                new Dictionary<string, object?> { ["age"] = 41, ["city"] = "Oslo" },
                Token
            );

        Assert.Equal(("true", 0.75), (prediction.Label, prediction.Probability));
        Assert.Equal(
            """{"instances":[{"age":41,"city":"Oslo"}]}""",
            Assert.Single(gateway.Requests).Text
        );
    }

    [Fact]
    public async Task Tensors_of_every_type_are_read_from_an_answer_in_JSON()
    {
        await using var gateway = await FakeGateway.StartAsync();
        InferenceTensor[] tensors =
        [
            TensorData.Float32("f", [1.5f, -0f, float.Epsilon, float.MaxValue], 2, 2),
            TensorData.Float64("d", [Math.PI, double.MinValue], 2),
            TensorData.Int64("l", [long.MinValue, long.MaxValue], 2, 1),
            TensorData.UInt8("b", new byte[] { 0, 255 }, 2),
            TensorData.Boolean("t", [true, false], 2),
            TensorData.Text("s", ["", "Ünïcode \"quoted\""], 2),
            Raw("h", "FP16", BitConverter.GetBytes((Half)0.333)),
            Raw("i8", "INT8", [0x80]),
            Raw("u16", "UINT16", [0xff, 0xff]),
            Raw("i16", "INT16", [0x00, 0x80]),
            Raw("u32", "UINT32", [0xff, 0xff, 0xff, 0xff]),
            Raw("i32", "INT32", [0x00, 0x00, 0x00, 0x80]),
            Raw("u64", "UINT64", [.. Enumerable.Repeat((byte)0xff, 8)]),
        ];
        gateway.OnJson(
            "POST",
            "/v2/models/echo/infer",
            Answer(
                1,
                Tensor("f", "FP32", [2, 2], new[] { 1.5f, -0f, float.Epsilon, float.MaxValue }),
                Tensor("d", "FP64", [2], new[] { Math.PI, double.MinValue }),
                Tensor("l", "INT64", [2, 1], new[] { long.MinValue, long.MaxValue }),
                Tensor("b", "UINT8", [2], new[] { 0, 255 }),
                Tensor("t", "BOOL", [2], new[] { true, false }),
                Tensor("s", "BYTES", [2], new[] { "", "Ünïcode \"quoted\"" }),
                Tensor("h", "FP16", [1], new[] { (float)(Half)0.333 }),
                Tensor("i8", "INT8", [1], new[] { sbyte.MinValue }),
                Tensor("u16", "UINT16", [1], new[] { ushort.MaxValue }),
                Tensor("i16", "INT16", [1], new[] { short.MinValue }),
                Tensor("u32", "UINT32", [1], new[] { uint.MaxValue }),
                Tensor("i32", "INT32", [1], new[] { int.MinValue }),
                Tensor("u64", "UINT64", [1], new[] { ulong.MaxValue })
            )
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var answer = await client
            .Model("echo")
            .PredictAsync([TensorData.Float32("x", [1], 1)], null, Token);

        Assert.Equal(tensors.Length, answer.Outputs.Count);
        foreach (var (sent, got) in tensors.Zip(answer.Outputs))
        {
            Assert.Equal((sent.Name, sent.Datatype), (got.Name, got.Datatype));
            Assert.Equal(sent.Shape, got.Shape);
            Assert.Equal(sent.Data.ToArray(), got.Data.ToArray());
        }
    }

    [Fact]
    public async Task A_number_that_comes_back_as_null_is_NaN()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/v2/models/m/infer",
            Answer(1, Tensor("y", "FP32", [1], new float?[] { null }))
        );
        using var client = new OrleansMlClient($"{gateway.Address}");
        var model = client.Model("m");

        var answer = await model.PredictAsync([TensorData.Float32("x", [1], 1)], null, Token);

        Assert.Equal(float.NaN, Assert.Single(answer.Outputs[0].AsFloat32()));
    }

    [Fact]
    public async Task An_output_with_other_elements_than_its_shape_is_refused()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/v2/models/m/infer",
            Answer(1, Tensor("y", "FP32", [3], new[] { 1f, 2f }))
        );
        using var client = new OrleansMlClient($"{gateway.Address}");

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.Model("m").PredictAsync([TensorData.Float32("x", [1], 1)], null, Token)
        );

        Assert.Equal(OrleansMlErrorCodes.UnexpectedAnswer, error.Code);
        Assert.Contains("'y' of shape [3] came with 2 elements", error.Message);
    }

    private static void Registry(FakeGateway gateway, int version, ModelSignature signature) =>
        gateway
            .OnJson(
                "GET",
                "/api/v1/models/fashion",
                new ModelSnapshot
                {
                    Name = "fashion",
                    LatestVersion = 9,
                    Aliases = new Dictionary<string, int> { ["champion"] = version },
                }
            )
            .OnJson(
                "GET",
                $"/api/v1/models/fashion/versions/{version}",
                new ModelVersionSnapshot
                {
                    Id = new ModelVersionId("fashion", version),
                    Onnx = ArtifactId.Of("x"u8),
                    Signature = signature,
                    Lineage = new ModelLineage(),
                }
            );

    private static ModelSignature Images(IReadOnlyList<string> labels, string input = "image") =>
        new()
        {
            Inputs =
            [
                new TensorSignature
                {
                    Name = input,
                    Datatype = "UINT8",
                    Shape = [-1, 2, 2, 1],
                },
            ],
            Outputs = [],
            ClassLabels = labels,
            Task = "classification",
        };

    private static Dictionary<string, object> Answer(int version, params object[] outputs) =>
        new Dictionary<string, object>
        {
            ["model_name"] = "fashion",
            ["model_version"] = $"{version}",
            ["outputs"] = outputs,
        };

    private static object Tensor(string name, string datatype, long[] shape, object data) =>
        new
        {
            name,
            datatype,
            shape,
            data,
        };

    private static InferenceTensor Raw(string name, string datatype, byte[] data) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = [1],
            Data = data,
        };
}
