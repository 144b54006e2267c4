using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class PredictTests(GatewayCluster cluster)
{
    private static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };

    private static InferenceTensor Floats(string name, long[] shape, params float[] values)
    {
        var data = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * 4), values[i]);
        return new InferenceTensor
        {
            Name = name,
            Datatype = "FP32",
            Shape = shape,
            Data = data,
        };
    }

    private static InferenceTensor Texts(string name, params string[] values)
    {
        using var stream = new MemoryStream();
        foreach (var value in values)
        {
            stream.Write(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(value)));
            stream.Write(Encoding.UTF8.GetBytes(value));
        }
        return new InferenceTensor
        {
            Name = name,
            Datatype = "BYTES",
            Shape = [values.Length],
            Data = stream.ToArray(),
        };
    }

    /// <summary>Adds a model with this signature that answers so, and keeps what it got.</summary>
    private List<InferenceTensor> Add(
        string name,
        ModelSignature signature,
        params InferenceTensor[] answer
    )
    {
        var got = new List<InferenceTensor>();
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        cluster.World.Versions[$"{name}@1"] = new ModelVersionSnapshot
        {
            Id = new ModelVersionId(name, 1),
            Onnx = default,
            Signature = signature,
            Lineage = new ModelLineage(),
        };
        cluster.World.Answers[name] = (_, request) =>
        {
            got.AddRange(request.Inputs);
            return new InferenceResponse
            {
                Model = name,
                Version = 1,
                Outputs = answer,
            };
        };
        return got;
    }

    private static Task<PredictionResponse> PredictAsync(
        TestGateway gateway,
        string model,
        string body
    ) =>
        gateway.SendAsync<PredictionResponse>(
            HttpMethod.Post,
            $"/api/v1/models/{model}/predict",
            TestGateway.Json(body)
        );

    private static readonly ModelSignature Table = new()
    {
        Inputs =
        [
            Tensor("age", "FP32", -1, 1),
            Tensor("city", "BYTES", -1, 1),
            Tensor("member", "BOOL", -1, 1),
        ],
        Outputs = [Tensor("bought", "BOOL", -1), Tensor("bought_probability", "FP32", -1)],
        Task = "binary",
    };

    [Fact]
    public async Task Rows_of_named_features_become_one_tensor_a_feature()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var got = Add(
            "pr-rows",
            Table,
            new InferenceTensor
            {
                Name = "bought",
                Datatype = "BOOL",
                Shape = [2],
                Data = new byte[] { 1, 0 },
            },
            Floats("bought_probability", [2], 0.75f, 0.25f)
        );

        var response = await PredictAsync(
            gateway,
            "pr-rows",
            """{"instances":[{"age":41.5,"city":"Oslo","member":true},{"member":false,"city":"Rom","age":7}]}"""
        );

        Assert.Equal(["age", "city", "member"], got.Select(tensor => tensor.Name));
        Assert.All(got, tensor => Assert.Equal([2, 1], tensor.Shape));
        Assert.Equal(
            [41.5f, 7f],
            [BitConverter.ToSingle(got[0].Data.Span), BitConverter.ToSingle(got[0].Data.Span[4..])]
        );
        Assert.Equal(Texts("city", "Oslo", "Rom").Data.ToArray(), got[1].Data.ToArray());
        Assert.Equal([1, 0], got[2].Data.ToArray());
        Assert.Equal("pr-rows", response.Model);
        Assert.Equal(["true", "false"], response.Predictions.Select(p => p.Label!));
        Assert.Equal([0.75, 0.75], response.Predictions.Select(p => p.Probability!.Value));
        Assert.Equal(0.25, response.Predictions[0].Probabilities!["false"]);
        Assert.True(response.Predictions[0].Outputs["bought"].GetBoolean());
    }

    [Fact]
    public async Task A_classifier_gives_its_own_label_and_every_probability()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var got = Add(
            "pr-image",
            new ModelSignature
            {
                Inputs = [Tensor("image", "UINT8", -1, 2, 2, 1)],
                Outputs =
                [
                    Tensor("label", "BYTES", -1),
                    Tensor("label_probabilities", "FP32", -1, 3),
                ],
                ClassLabels = ["shirt", "coat", "bag"],
                Task = "classification",
            },
            Texts("label", "coat", "bag"),
            Floats("label_probabilities", [2, 3], 0.25f, 0.5f, 0.25f, 0, 0, 1)
        );

        var response = await PredictAsync(
            gateway,
            "pr-image",
            """{"instances":[[[1,2],[3,4]],{"image":[[[5],[6]],[[7],[8]]]}]}"""
        );

        Assert.Equal([2, 2, 2, 1], Assert.Single(got).Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], got[0].Data.ToArray());
        Assert.Equal(["coat", "bag"], response.Predictions.Select(p => p.Label!));
        Assert.Equal([0.5, 1], response.Predictions.Select(p => p.Probability!.Value));
        Assert.Equal(["shirt", "coat", "bag"], response.Predictions[0].Probabilities!.Keys);
        Assert.Equal(
            "[0.25,0.5,0.25]",
            response.Predictions[0].Outputs["label_probabilities"].GetRawText()
        );
        Assert.Equal("bag", response.Predictions[1].Outputs["label"].GetString());
    }

    [Fact]
    public async Task Scores_of_a_foreign_model_name_a_label_but_no_probability()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add(
            "pr-foreign",
            ScriptedEngine.Signature with
            {
                ClassLabels = ["a", "b", "c"],
            },
            Floats("scores", [1, 3], -1, 8, 3)
        );

        var response = await PredictAsync(gateway, "pr-foreign", """{"instances":[[1,2]]}""");

        var prediction = Assert.Single(response.Predictions);
        Assert.Equal("b", prediction.Label);
        Assert.Null(prediction.Probability);
        Assert.Null(prediction.Probabilities);
    }

    [Fact]
    public async Task A_regressor_gives_its_value()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add(
            "pr-value",
            new ModelSignature
            {
                Inputs = [Tensor("age", "FP32", -1, 1)],
                Outputs = [Tensor("spent", "FP32", -1)],
                Task = "regression",
            },
            Floats("spent", [2], 1.5f, -2)
        );

        var response = await PredictAsync(
            gateway,
            "pr-value",
            """{"instances":[{"age":1},{"age":2}]}"""
        );

        Assert.Equal([1.5, -2], response.Predictions.Select(p => p.Value!.Value));
        Assert.Null(response.Predictions[0].Label);
    }

    [Fact]
    public async Task A_null_or_absent_member_is_a_missing_value_where_the_model_allows_it()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var got = Add(
            "pr-missing",
            new ModelSignature
            {
                Inputs =
                [
                    Tensor("age", "FP32", -1, 1) with
                    {
                        AllowsMissing = true,
                    },
                    Tensor("city", "BYTES", -1, 1) with
                    {
                        AllowsMissing = true,
                    },
                    Tensor("zone", "INT64", -1, 1) with
                    {
                        AllowsMissing = true,
                    },
                    Tensor("height", "FP64", -1, 1) with
                    {
                        AllowsMissing = true,
                    },
                ],
                Outputs = [Tensor("spent", "FP32", -1)],
                Task = "regression",
            },
            Floats("spent", [3], 1, 2, 3)
        );

        await PredictAsync(
            gateway,
            "pr-missing",
            """{"instances":[{},{"age":null,"city":null,"zone":null,"height":[null]},{"age":4,"city":"Oslo","zone":5,"height":6}]}"""
        );

        Assert.All(got, tensor => Assert.Equal([3, 1], tensor.Shape));
        Assert.Equal(
            new[] { float.NaN, float.NaN, 4 }.SelectMany(BitConverter.GetBytes),
            got[0].Data.ToArray()
        );
        Assert.Equal(Texts("city", "", "", "Oslo").Data.ToArray(), got[1].Data.ToArray());
        Assert.Equal(
            new[] { long.MinValue, long.MinValue, 5 }.SelectMany(BitConverter.GetBytes),
            got[2].Data.ToArray()
        );
        Assert.Equal(
            new[] { double.NaN, double.NaN, 6 }.SelectMany(BitConverter.GetBytes),
            got[3].Data.ToArray()
        );
    }

    [Theory]
    [InlineData("[]", "instances")]
    [InlineData("{}", "instances")]
    [InlineData("""{"instances":[]}""", "1 to 2")]
    [InlineData("""{"instances":[1,2,3]}""", "1 to 2")]
    [InlineData("""{"instances":[5]}""", "instances[0]")]
    [InlineData("""{"instances":[{"age":1,"city":"a"}]}""", "'member' is missing")]
    [InlineData("""{"instances":[{"age":1,"city":"a","member":true,"aeg":1}]}""", "no input 'aeg'")]
    [InlineData("""{"instances":[{"age":"1","city":"a","member":true}]}""", "instances[0].age")]
    [InlineData("""{"instances":[{"age":null,"city":"a","member":true}]}""", "instances[0].age")]
    [InlineData(
        """{"instances":[{"age":1,"city":null,"member":true}]}""",
        "got null; the model was trained without missing values"
    )]
    [InlineData("""{"instances":[{"city":"a","member":true}]}""", "'age' is missing")]
    [InlineData("""{"instances":[{"city":"a","member":true}]}""", "trained without missing values")]
    [InlineData("""{"instances":[{"age":1,"city":"a","member":null}]}""", "can't be given as BOOL")]
    [InlineData("""{"instances":[{"age":1e99,"city":"a","member":true}]}""", "finite FP32")]
    [InlineData("""{"instances":[{"age":[1,2],"city":"a","member":true}]}""", "got 2")]
    [InlineData("""{"instances":[{"age":1,"city":3,"member":true}]}""", "instances[0].city")]
    [InlineData("""{"instances":[{"age":1,"city":"a","member":1}]}""", "instances[0].member")]
    public async Task A_wrong_example_is_refused_by_its_place(string body, string named)
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxInstances = 2
        );
        Add("pr-wrong", Table);

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/models/pr-wrong/predict",
            TestGateway.Json(body),
            400,
            "invalid_input"
        );

        Assert.Contains(named, error.Error, StringComparison.Ordinal);
    }
}
