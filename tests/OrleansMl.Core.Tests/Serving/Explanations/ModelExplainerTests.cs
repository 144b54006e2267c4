using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Tests.Serving.Watching;

namespace OrleansMl.Core.Tests.Serving.Explanations;

public sealed class ModelExplainerTests
{
    [Fact]
    public async Task A_number_and_a_category_are_replaced_by_the_training_datas_mean_and_most_frequent()
    {
        // 0.01 for each year, 0.3 in Bergen: the data's mean age is 49.5 and most live in Oslo.
        var outputs = await ExplainAsync(new ExplanationRequest(), 59.5f, "Bergen");

        Near([0.1f], Floats(outputs, "explanation_age"));
        Near([0.3f], Floats(outputs, "explanation_city"));
        Near([0.895f], Floats(outputs, "explanation_value"));
        Near([0.495f], Floats(outputs, "explanation_base"));
    }

    [Fact]
    public async Task Sampled_shapley_values_of_a_row_sum_to_what_it_differs_from_the_baseline()
    {
        var outputs = await ExplainAsync(
            new ExplanationRequest
            {
                Method = ExplanationMethod.ShapleySampling,
                Baseline = ExplanationBaseline.Zero,
            },
            40f,
            "Bergen"
        );

        Near([0.4f], Floats(outputs, "explanation_age"));
        Near([0.3f], Floats(outputs, "explanation_city"));
        Near([0f], Floats(outputs, "explanation_base"));
    }

    [Fact]
    public async Task Patches_of_an_image_are_taken_away_whole()
    {
        // 4 × 4 pixels of one channel in patches of 2: the model gives the sum of the upper right quarter.
        var image = new byte[16];
        image[2] = 10;
        image[7] = 20;
        image[12] = 100;
        var explainer = Explainer(
            Signature(("image", "UINT8", [-1, 4, 4, 1])),
            request => Rows(request, row => row.Data.Span is var d ? d[2] + d[3] + d[6] + d[7] : 0)
        );

        var outputs = await explainer.ExplainAsync(
            Route,
            Request(WatchWorld.Data("image", "UINT8", image, 1, 4, 4, 1)),
            new ExplanationRequest { Baseline = ExplanationBaseline.Zero, Patch = 2 },
            TestContext.Current.CancellationToken
        );

        Assert.Equal([1, 2, 2], outputs[0].Shape);
        Near([0, 30, 0, 0], Floats(outputs, "explanation_image"));
    }

    [Fact]
    public async Task Every_row_is_explained_for_its_own_likeliest_class()
    {
        var explainer = Explainer(
            Signature(("x", "FP32", [-1, 2])),
            // Two classes: the first element speaks for one, the second for the other.
            request => new InferenceTensor
            {
                Name = "y",
                Datatype = "FP32",
                Shape = request.Inputs[0].Shape,
                Data = request.Inputs[0].Data,
            }
        );

        var outputs = await explainer.ExplainAsync(
            Route,
            Request(Vector([5, 1], [2, 8])),
            new ExplanationRequest { Baseline = ExplanationBaseline.Zero },
            TestContext.Current.CancellationToken
        );

        Near([5, 0, 0, 8], Floats(outputs, "explanation_x"));
        Assert.Equal([0, 1], MemoryMarshal.Cast<byte, long>(outputs[^1].Data.Span).ToArray());
    }

    [Theory]
    [InlineData("samples", 0, null, null, "explain.samples: expected 1 to 10000, got 0")]
    [InlineData("samples", 9_999, null, null, "evaluations")]
    [InlineData("output", 1, "nope", null, "explain.output")]
    [InlineData("target", 1, null, 9, "explain.target: expected 0 to 0")]
    [InlineData("patch", 1, null, null, "explain.patch")]
    public async Task What_is_asked_wrongly_or_costs_too_much_is_refused(
        string what,
        int samples,
        string? output,
        int? target,
        string expected
    )
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() =>
            ExplainAsync(
                new ExplanationRequest
                {
                    Method = ExplanationMethod.ShapleySampling,
                    Samples = samples,
                    Output = output,
                    Target = target,
                    Patch = what == "patch" ? 0 : null,
                },
                1f,
                "Oslo",
                new ExplanationOptions { MaxEvaluations = 5_000 }
            )
        );
        Assert.Contains(expected, refused.Message);
    }

    [Fact]
    public async Task Too_many_features_and_an_unknown_mean_are_refused_and_say_what_to_do()
    {
        var explainer = Explainer(
            Signature(("x", "FP32", [-1, 3])),
            _ => throw new InvalidOperationException("Nothing may run."),
            new ExplanationOptions { MaxPlayers = 2 }
        );
        var request = Request(Vector([1, 2, 3]));
        async Task<string> RefusedAsync(ExplanationRequest explain) =>
            (
                await Assert.ThrowsAsync<InvalidInputException>(() =>
                    explainer
                        .ExplainAsync(
                            Route,
                            request,
                            explain,
                            TestContext.Current.CancellationToken
                        )
                        .AsTask()
                )
            ).Message;

        Assert.Contains("larger patch", await RefusedAsync(new ExplanationRequest()));
        Assert.Contains("'zero'", await RefusedAsync(new ExplanationRequest { Patch = 2 }));
    }

    private static InferenceRoute Route { get; } =
        new(
            new InferenceCall("churn", ""),
            WatchWorld.Version.Id,
            new RouteSnapshot(
                new ModelSnapshot
                {
                    Name = "churn",
                    LatestVersion = 2,
                    Aliases = new Dictionary<string, int>(),
                },
                new ServingPolicySnapshot
                {
                    Model = "churn",
                    Revision = 0,
                    Policy = ServingPolicy.Default,
                },
                0
            )
        );

    private static async Task<IReadOnlyList<InferenceTensor>> ExplainAsync(
        ExplanationRequest explain,
        float age,
        string city,
        ExplanationOptions? options = null
    )
    {
        var explainer = Explainer(
            Signature(("age", "FP32", [-1, 1]), ("city", "BYTES", [-1, 1])),
            request =>
            {
                var ages = MemoryMarshal.Cast<byte, float>(request.Inputs[0].Data.Span).ToArray();
                var cities = RowPerturbation.Rows(request.Inputs[1]);
                return Floats([
                    .. ages.Zip(
                        cities,
                        (a, c) => (0.01f * a) + (c.Span[4..].SequenceEqual("Bergen"u8) ? 0.3f : 0)
                    ),
                ]);
            },
            options
        );
        var call = WatchWorld.Call(age, city);
        return await explainer.ExplainAsync(
            Route,
            Request([.. call.Inputs]),
            explain,
            TestContext.Current.CancellationToken
        );
    }

    private static ModelExplainer Explainer(
        ModelSignature signature,
        Func<InferenceRequest, InferenceTensor> model,
        ExplanationOptions? options = null
    )
    {
        var source = new FakeModelSource();
        source.Versions[WatchWorld.Version.Id] = WatchWorld.Version with { Signature = signature };
        return new ModelExplainer(
            new Predictor(model),
            new ModelSignatures(source),
            new References(),
            Options.Create(options ?? new ExplanationOptions { BatchRows = 3 })
        );
    }

    private static ModelSignature Signature(
        params (string Name, string Datatype, long[] Shape)[] inputs
    ) =>
        new()
        {
            Inputs =
            [
                .. inputs.Select(i => new TensorSignature
                {
                    Name = i.Name,
                    Datatype = i.Datatype,
                    Shape = i.Shape,
                }),
            ],
            Outputs =
            [
                new TensorSignature
                {
                    Name = "y",
                    Datatype = "FP32",
                    Shape = [-1, -1],
                },
            ],
        };

    private static InferenceRequest Request(params InferenceTensor[] inputs) =>
        new() { Inputs = inputs };

    private static InferenceTensor Vector(params float[][] rows) =>
        WatchWorld.Data(
            "x",
            "FP32",
            MemoryMarshal.AsBytes<float>(rows.SelectMany(r => r).ToArray()).ToArray(),
            rows.Length,
            rows[0].Length
        );

    private static InferenceTensor Rows(
        InferenceRequest request,
        Func<InferenceTensor, float> model
    ) =>
        Floats([
            .. RowPerturbation
                .Rows(request.Inputs[0])
                .Select(row => model(request.Inputs[0] with { Data = row })),
        ]);

    private static InferenceTensor Floats(float[] values) =>
        WatchWorld.Data(
            "y",
            "FP32",
            MemoryMarshal.AsBytes<float>(values).ToArray(),
            values.Length,
            1
        );

    private static float[] Floats(IReadOnlyList<InferenceTensor> outputs, string name) =>
        MemoryMarshal.Cast<byte, float>(outputs.Single(o => o.Name == name).Data.Span).ToArray();

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    private sealed class Predictor(Func<InferenceRequest, InferenceTensor> model) : IModelPredictor
    {
        public ValueTask<InferenceResponse> PredictAsync(
            ModelVersionId version,
            InferenceRequest request,
            CancellationToken cancellationToken
        )
        {
            Assert.InRange(request.Inputs[0].Shape[0], 1, 64);
            return new(
                new InferenceResponse
                {
                    Model = version.Name,
                    Version = version.Version,
                    Outputs = [model(request)],
                }
            );
        }

        public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    private sealed class References : IExplanationReferences
    {
        public Task<VersionProfile> GetAsync(
            ModelVersionId version,
            RouteSnapshot route,
            CancellationToken cancellationToken
        ) => Task.FromResult(WatchWorld.Profile());
    }
}
