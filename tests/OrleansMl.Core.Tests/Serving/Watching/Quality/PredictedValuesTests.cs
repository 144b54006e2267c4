using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Tests.Serving.Watching.Quality;

public sealed class PredictedValuesTests
{
    [Fact]
    public void A_classifier_trained_here_says_its_label_and_its_probabilities()
    {
        var values = PredictedValues.Read(
            Signature("classification", "cat", "dog"),
            [
                Texts("pet", "dog", "cat"),
                Floats("pet_probabilities", [2, 2], 0.6f, 0.4f, 0.9f, 0.1f),
            ]
        );

        // Its own label stands, where it has a threshold of its own.
        Assert.Equal(["dog", "cat"], values.Select(value => value.Label));
        Assert.Equal(0.4, values[0].Confidence!.Value, 1e-6);
        Assert.Equal(0.6, values[0].Probabilities!["cat"], 1e-6);
        Assert.Equal(0.82, values[1].Squares, 1e-6);
    }

    [Fact]
    public void A_binary_one_says_true_or_false()
    {
        var values = PredictedValues.Read(
            Signature("binary"),
            [Floats("churned_probability", [2], 0.8f, 0.3f)]
        );

        Assert.Equal(["true", "false"], values.Select(value => value.Label));
        Assert.Equal(0.7, values[1].Confidence!.Value, 1e-6);
    }

    [Fact]
    public void A_foreign_ones_scores_are_probabilities_only_when_they_look_like_some()
    {
        var signature = Signature("unknown", "a", "b");

        var shares = PredictedValues.Read(signature, [Floats("out", [1, 2], 0.25f, 0.75f)]);
        var logits = PredictedValues.Read(signature, [Floats("out", [1, 2], 3f, -1f)]);

        Assert.Equal(("b", 0.75), (shares[0].Label, shares[0].Confidence));
        Assert.Equal(("a", null), (logits[0].Label, logits[0].Confidence));
    }

    [Fact]
    public void A_regression_says_a_number_and_what_is_neither_says_nothing()
    {
        var numbers = PredictedValues.Read(
            Signature("regression"),
            [Floats("price", [2, 1], 1.5f, 2.5f)]
        );

        Assert.Equal([1.5, 2.5], numbers.Select(value => value.Number));
        Assert.Empty(PredictedValues.Read(Signature("unknown"), [Floats("x", [1, 3], 1, 2, 3)]));
        Assert.Equal(
            "dog",
            Assert.Single(PredictedValues.Read(Signature("unknown"), [Texts("l", "dog")])).Label
        );
    }

    [Fact]
    public void Of_very_many_classes_the_largest_are_kept_and_the_rest_shares_what_is_left()
    {
        var scores = Enumerable.Repeat(0.001f, 500).ToArray();
        scores[7] = 0.501f;

        var value = Assert.Single(
            PredictedValues.Read(
                Signature("classification"),
                [Floats("y_probabilities", [1, 500], scores)]
            )
        );

        Assert.Equal(("7", PredictedValue.MaxClasses), (value.Label, value.Probabilities!.Count));
        Assert.Equal(0.001, value.Rest, 1e-6);
    }

    private static ModelSignature Signature(string task, params string[] labels) =>
        new()
        {
            Inputs = [],
            Outputs = [],
            Task = task,
            ClassLabels = labels,
        };

    private static InferenceTensor Floats(string name, long[] shape, params float[] values) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = shape,
            Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };

    private static InferenceTensor Texts(string name, params string[] values)
    {
        using var data = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var value in values)
        {
            var text = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            data.Write(length);
            data.Write(text);
        }
        return new InferenceTensor
        {
            Name = name,
            Datatype = "BYTES",
            Shape = [values.Length],
            Data = data.ToArray(),
        };
    }
}
