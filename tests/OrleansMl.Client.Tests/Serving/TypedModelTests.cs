using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Typed;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Tests.Serving;

public sealed class TypedModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };

    private sealed record Passenger(long Age, string City, [Tensor("is-member")] bool Member);

    private sealed record Verdict(float Score, [Tensor("label")] string Class);

    private static readonly TensorSignature[] PassengerInputs =
    [
        Tensor("age", "INT64", -1, 1),
        Tensor("City", "BYTES", -1),
        Tensor("is-member", "BOOL", -1, 1),
    ];

    [Fact]
    public async Task Rows_become_tensors_and_outputs_rows()
    {
        var client = new ScriptedClient(
            PassengerInputs,
            [Tensor("score", "FP32", -1, 1), Tensor("label", "BYTES", -1)]
        )
        {
            Answer = _ =>
                [
                    TensorData.Float32("score", [0.25f, 0.75f], 2, 1),
                    TensorData.Text("label", ["no", "jå"], 2),
                ],
        };
        var model = client.Model<Passenger, Verdict>("churn");

        var answers = await model.InferAsync(
            [new Passenger(41, "Oslo", true), new Passenger(-1, "", false)],
            Token
        );

        Assert.Equal([new Verdict(0.25f, "no"), new Verdict(0.75f, "jå")], answers);
        var request = Assert.Single(client.Requests);
        Assert.Equal(["age", "City", "is-member"], request.Inputs.Select(i => i.Name));
        Assert.Equal([41L, -1L], request.Inputs[0].AsInt64());
        Assert.Equal([2L, 1L], request.Inputs[0].Shape);
        Assert.Equal(["Oslo", ""], request.Inputs[1].AsText());
        Assert.Equal([2L], request.Inputs[1].Shape);
        Assert.Equal([true, false], request.Inputs[2].AsBoolean());
        Assert.Equal(["score", "label"], request.Outputs);
    }

    private sealed class Shapes
    {
        public float[] Flat { get; init; } = [];

        public ReadOnlyMemory<byte> Pixels { get; init; }

        public double[,] Grid { get; init; } = new double[0, 0];

        public string[] Words { get; init; } = [];

        [Tensor(Shape = [2, 2])]
        public int[] Open { get; init; } = [];

        [Tensor(Ignore = true)]
        public object? Note { get; init; }
    }

    [Fact]
    public async Task Arrays_of_every_form_go_there_and_back()
    {
        TensorSignature[] tensors =
        [
            Tensor("Flat", "FP32", -1, 3),
            Tensor("Pixels", "UINT8", -1, 2, -1, 1),
            Tensor("Grid", "FP64", -1, -1, -1),
            Tensor("Words", "BYTES", -1, 2),
            Tensor("Open", "INT32", -1, -1, -1),
        ];
        var client = new ScriptedClient(tensors, tensors) { Answer = request => request.Inputs };
        var rows = Enumerable
            .Range(0, 3)
            .Select(i => new Shapes
            {
                Flat = [i, i + 0.5f, -i],
                Pixels = new byte[] { 1, 2, 3, (byte)i },
                Grid = new double[,]
                {
                    { i, 1, 2 },
                    { 3, 4, i },
                },
                Words = ["a", $"{i}"],
                Open = [i, 2, 3, 4],
            })
            .ToList();

        var answers = await client.Model<Shapes, Shapes>("m").InferAsync(rows, Token);

        Assert.Equal(
            ["3,3", "3,2,2,1", "3,2,3", "3,2", "3,2,2"],
            client.Requests[0].Inputs.Select(i => string.Join(',', i.Shape))
        );
        foreach (var (sent, got) in rows.Zip(answers))
        {
            Assert.Equal(sent.Flat, got.Flat);
            Assert.Equal(sent.Pixels.ToArray(), got.Pixels.ToArray());
            Assert.Equal(sent.Grid, got.Grid);
            Assert.Equal(sent.Words, got.Words);
            Assert.Equal(sent.Open, got.Open);
        }
    }

    private sealed record Wrong(float Age, string City, [Tensor("is-member")] bool Member);

    private sealed record Unknown(long Age, string City, bool Member);

    private sealed record Fewer(long Age, string City);

    private sealed record Odd(DateTime Age);

    private sealed record Nothing;

    private sealed record Anything(float Score);

    private sealed record Elsewhere(long Score);

    private sealed record NoOutput(float Probability);

    [Fact]
    public async Task What_does_not_fit_is_named_with_what_was_expected_and_found()
    {
        await RefusedAsync<Wrong, Anything>(
            "Wrong.Age is Single (FP32), expected Int64",
            "age INT64[-1,1]"
        );
        await RefusedAsync<Unknown, Anything>(
            "Unknown.Member",
            "no input 'Member'",
            "is-member BOOL[-1,1]"
        );
        await RefusedAsync<Fewer, Anything>("Fewer has no property for the input is-member");
        await RefusedAsync<Odd, Anything>("Odd.Age is DateTime, which stands for no tensor");
        await RefusedAsync<Nothing, Anything>("Nothing has no public property");
        await RefusedAsync<Passenger, Elsewhere>(
            "Elsewhere.Score is Int64 (INT64), expected Single"
        );
        await RefusedAsync<Passenger, NoOutput>(
            "NoOutput.Probability",
            "no output 'Probability'",
            "score FP32[-1,1]"
        );
    }

    private sealed record Vector(float[] X);

    private sealed record Answer(float Y);

    [Fact]
    public async Task A_row_that_fits_no_input_is_named_before_anything_is_sent()
    {
        var client = new ScriptedClient([Tensor("X", "FP32", -1, 2)], [Tensor("Y", "FP32", -1)]);
        var model = client.Model<Vector, Answer>("m");

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            model.InferAsync([new Vector([1, 2]), new Vector([1, 2, 3])], Token)
        );
        var nothing = await Assert.ThrowsAsync<InvalidInputException>(() =>
            model.InferAsync([], Token)
        );
        var missing = await Assert.ThrowsAsync<InvalidInputException>(() =>
            model.InferAsync([new Vector(null!)], Token)
        );

        Assert.Contains("Vector.X of row 1 has 3 elements", error.Message);
        Assert.Contains("X FP32[-1,2]", error.Message);
        Assert.Contains("1 row or more", nothing.Message);
        Assert.Contains("Vector.X of row 0 is null", missing.Message);
        Assert.Empty(client.Requests);
    }

    [Fact]
    public async Task Rows_of_different_shapes_are_not_one_request()
    {
        var client = new ScriptedClient([Tensor("X", "FP32", -1, -1)], [Tensor("Y", "FP32", -1)]);

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            client
                .Model<Vector, Answer>("m")
                .InferAsync([new Vector([1, 2]), new Vector([1, 2, 3])], Token)
        );

        Assert.Contains("row 1 has the shape [3], the rows before it [2]", error.Message);
    }

    [Fact]
    public async Task A_model_of_fixed_rows_takes_as_many()
    {
        var client = new ScriptedClient([Tensor("X", "FP32", 1, 2)], [Tensor("Y", "FP32", 1)])
        {
            Answer = _ => [TensorData.Float32("Y", [7f], 1)],
        };
        var model = client.Model<Vector, Answer>("m");

        Assert.Equal(7, (await model.InferAsync(new Vector([1, 2]), Token)).Y);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            model.InferAsync([new Vector([1, 2]), new Vector([1, 2])], Token)
        );
        Assert.Contains("takes 1 rows at a time", error.Message);
    }

    [Fact]
    public async Task A_version_with_another_signature_is_followed()
    {
        var client = new ScriptedClient([Tensor("X", "FP32", -1, 2)], [Tensor("Y", "FP32", -1)]);
        client.Answer = request =>
        {
            if (client.Version == 2)
                return [TensorData.Float32("Y", [5f], 1)];
            client.Version = 2;
            client.Inputs = [Tensor("X", "FP32", -1, 2, 1)];
            throw new OrleansMlException(null, OrleansMlErrorCodes.InvalidInput, "rank");
        };

        var answer = await client.Model<Vector, Answer>("m").InferAsync(new Vector([1, 2]), Token);

        Assert.Equal(5, answer.Y);
        Assert.Equal([1L, 2L, 1L], client.Requests[^1].Inputs[0].Shape);
    }

    [Fact]
    public async Task Values_by_signature_become_its_types_and_shapes()
    {
        var client = new ScriptedClient(
            [
                Tensor("x", "FP32", -1, 2),
                Tensor("n", "INT64", -1),
                Tensor("t", "BYTES", -1, 1),
                Tensor("b", "BOOL", -1),
            ],
            [Tensor("Y", "FP32", -1)]
        )
        {
            Answer = _ => [TensorData.Float32("Y", [7f, 8f], 2)],
        };

        var answer = await client.InferAsync(
            "m",
            r => r.Set("x", 0.1, 2, 3, 4).Set("n", 5, 6).Set("t", "a", "b").Set("b", true, false),
            cancellationToken: Token
        );

        Assert.Equal([7f, 8f], answer.Output("Y").AsFloat32());
        var inputs = Assert.Single(client.Requests).Inputs;
        Assert.Equal([0.1f, 2f, 3f, 4f], inputs[0].AsFloat32());
        Assert.Equal([2L, 2L], inputs[0].Shape);
        Assert.Equal([5L, 6L], inputs[1].AsInt64());
        Assert.Equal([2L, 1L], inputs[2].Shape);
        Assert.Equal([true, false], inputs[3].AsBoolean());
        Assert.Throws<InvalidInputException>(() => answer.Output("Z"));
    }

    [Theory]
    [InlineData(0, "no input 'y'")]
    [InlineData(1, "1.5 (element 1) is no INT64")]
    [InlineData(2, "a multiple of 2")]
    [InlineData(3, "takes no texts")]
    [InlineData(4, "n INT64[-1] of 'm@1' was given no values")]
    [InlineData(5, "is no FP32")]
    public async Task Values_that_fit_no_signature_are_named(int wrong, string text)
    {
        var client = new ScriptedClient(
            [Tensor("x", "FP32", -1, 2), Tensor("n", "INT64", -1)],
            [Tensor("Y", "FP32", -1)]
        );
        Action<SignedRequest>[] fill =
        [
            r => r.Set("y", 1),
            r => r.Set("n", 1, 1.5),
            r => r.Set("x", 1f),
            r => r.Set("x", "text"),
            r => r.Set("x", 1, 2),
            r => r.Set("x", 1e300, 0),
        ];

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.InferAsync("m", fill[wrong], cancellationToken: Token)
        );

        Assert.Contains(text, error.Message);
        Assert.Empty(client.Requests);
    }

    private static async Task RefusedAsync<TIn, TOut>(params string[] texts)
    {
        var client = new ScriptedClient(PassengerInputs, [Tensor("score", "FP32", -1, 1)]);

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            client.Model<TIn, TOut>("churn").CheckAsync(Token)
        );

        Assert.All(texts, text => Assert.Contains(text, error.Message));
    }

    private sealed class ScriptedClient(TensorSignature[] inputs, TensorSignature[] outputs)
        : IInferenceClient
    {
        public List<InferenceRequest> Requests { get; } = [];

        public TensorSignature[] Inputs { get; set; } = inputs;

        public int Version { get; set; } = 1;

        public Func<InferenceRequest, IReadOnlyList<InferenceTensor>> Answer { get; set; } =
            _ => [];

        public Task<InferenceResponse> InferAsync(
            string model,
            InferenceRequest request,
            InferenceCallOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            Requests.Add(request);
            return Task.FromResult(
                new InferenceResponse
                {
                    Model = model,
                    Version = Version,
                    Outputs = Answer(request),
                }
            );
        }

        public Task<ModelDescription> DescribeAsync(
            string model,
            InferenceCallOptions? options = null,
            CancellationToken cancellationToken = default
        ) =>
            Task.FromResult(
                new ModelDescription
                {
                    Model = model,
                    Version = Version,
                    Inputs = Inputs,
                    Outputs = outputs,
                }
            );

        public void Dispose() { }
    }
}
