using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Core.Tests.Serving;

public sealed class TensorValidationTests
{
    private static readonly ModelVersionId Model = new("churn", 7);

    private static readonly ModelSignature Signature = new()
    {
        Inputs = [Tensor("age", "FP32", -1, 1), Tensor("city", "BYTES", -1, 1)],
        Outputs = [Tensor("label", "INT64", -1), Tensor("score", "FP32", -1, 2)],
    };

    [Fact]
    public void Valid_inputs_come_back_in_the_signatures_order()
    {
        var inputs = TensorValidation.Check(
            Model,
            Signature,
            Request(City("a", "bc"), Age(1, 2)) with
            {
                Outputs = ["score"],
            }
        );
        Assert.Equal(["age", "city"], inputs.Select(input => input.Name));
    }

    [Fact]
    public void An_unknown_missing_or_repeated_name_is_refused()
    {
        Refused("there is no input 'height'", Request(Age(1) with { Name = "height" }, City("a")));
        Refused("input 'city' is missing", Request(Age(1)));
        Refused("input 'age' was given twice", Request(Age(1), Age(1), City("a")));
        Refused(
            "there is no output 'rank'; expected 'label' (INT64 [-1]), 'score' (FP32 [-1, 2])",
            Request(Age(1), City("a")) with
            {
                Outputs = ["rank"],
            }
        );
        Refused(
            "output 'score' was asked for twice",
            Request(Age(1), City("a")) with
            {
                Outputs = ["score", "score"],
            }
        );
    }

    [Fact]
    public void A_wrong_datatype_rank_or_shape_is_refused_with_both()
    {
        Refused(
            "input 'age': expected datatype FP32, got FP64",
            Request(Age(1) with { Datatype = "FP64" }, City("a"))
        );
        Refused(
            "input 'age': expected 2 dimensions, shape [-1, 1], got 1, shape [1]",
            Request(Age(1) with { Shape = [1] }, City("a"))
        );
        Refused(
            "expected shape [-1, 1] (-1: any number from 1), got [1, 2]",
            Request(Age(1, 2) with { Shape = [1, 2] }, City("a"))
        );
        Refused("got [0, 1]", Request(Age() with { Shape = [0, 1] }, City("a")));
        Refused("got [-1, 1]", Request(Age() with { Shape = [-1, 1] }, City("a")));
        Refused(
            "more than 2147483647 elements",
            Request(Age() with { Shape = [long.MaxValue, 1] }, City("a"))
        );
        Refused(
            "inputs disagree on the batch: 'age' has 2 rows, 'city' has 1",
            Request(Age(1, 2), City("a"))
        );
    }

    [Fact]
    public void Data_of_another_size_than_the_shape_says_is_refused()
    {
        Refused(
            "input 'age': expected 8 bytes for 2 FP32 elements of shape [2, 1], got 4",
            Request(Age(1) with { Shape = [2, 1] }, City("a", "b"))
        );
        var city = City("abc");
        Refused(
            "the data ends inside element 0",
            Request(Age(1), city with { Data = city.Data[..^1] })
        );
        Refused("the data ends inside element 1", Request(Age(1, 2), city with { Shape = [2, 1] }));
        Refused(
            "expected 7 bytes for 1 BYTES elements, got 8",
            Request(Age(1), city with { Data = new byte[] { 3, 0, 0, 0, 65, 66, 67, 68 } })
        );
        Refused(
            "the data ends inside element 0",
            Request(Age(1), city with { Data = new byte[] { 255, 255, 255, 255 } })
        );
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void A_value_that_is_not_finite_is_refused_with_its_place(float value, string text) =>
        Refused(
            $"input 'age': expected finite values, got {text} at element 2",
            Request(Age(1, 2, value), City("a", "b", "c"))
        );

    [Theory]
    [InlineData("FP32", float.NaN, true, true)]
    [InlineData("FP64", float.NaN, true, true)]
    [InlineData("FP32", float.NaN, false, false)]
    [InlineData("FP64", float.NaN, false, false)]
    [InlineData("FP32", float.PositiveInfinity, true, false)]
    [InlineData("FP32", float.NegativeInfinity, true, false)]
    [InlineData("FP64", float.PositiveInfinity, true, false)]
    [InlineData("FP64", float.NegativeInfinity, true, false)]
    public void Only_nan_and_only_where_values_may_be_missing_is_let_through(
        string datatype,
        float value,
        bool allowsMissing,
        bool passes
    )
    {
        // Enough values for the vectorized pass, NaN among them before the one that decides.
        var values = Enumerable.Range(0, 40).Select(i => (float)i).ToArray();
        values[3] = allowsMissing ? float.NaN : 3;
        values[37] = value;
        var request = Request(
            new InferenceTensor
            {
                Name = "x",
                Datatype = datatype,
                Shape = [values.Length],
                Data =
                    datatype == "FP32"
                        ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
                        : MemoryMarshal
                            .AsBytes(values.Select(v => (double)v).ToArray().AsSpan())
                            .ToArray(),
            }
        );
        var signature = Signature with
        {
            Inputs = [Tensor("x", datatype, -1) with { AllowsMissing = allowsMissing }],
        };
        if (passes)
        {
            Assert.Single(TensorValidation.Check(Model, signature, request));
            return;
        }
        var error = Assert.Throws<InvalidInputException>(() =>
            TensorValidation.Check(Model, signature, request)
        );
        Assert.Contains($"got {value} at element 37", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x7F }, "NaN")]
    [InlineData("FP16", new byte[] { 0x00, 0x7C }, "Infinity")]
    [InlineData("BF16", new byte[] { 0x80, 0x7F }, "Infinity")]
    [InlineData("BF16", new byte[] { 0xC0, 0x7F }, "NaN")]
    [InlineData("BOOL", new byte[] { 2 }, "2")]
    public void Every_type_with_bad_values_is_looked_through(
        string datatype,
        byte[] data,
        string value
    )
    {
        var signature = Signature with { Inputs = [Tensor("x", datatype, -1)] };
        var error = Assert.Throws<InvalidInputException>(() =>
            TensorValidation.Check(
                Model,
                signature,
                Request(
                    new InferenceTensor
                    {
                        Name = "x",
                        Datatype = datatype,
                        Shape = [1],
                        Data = data,
                    }
                )
            )
        );
        Assert.Contains($"got {value} at element 0", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(string message, InferenceRequest request)
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            TensorValidation.Check(Model, Signature, request)
        );
        Assert.StartsWith("model churn@7: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };

    private static InferenceRequest Request(params InferenceTensor[] inputs) =>
        new() { Inputs = inputs };

    private static InferenceTensor Age(params float[] values) =>
        new()
        {
            Name = "age",
            Datatype = "FP32",
            Shape = [values.Length, 1],
            Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };

    private static InferenceTensor City(params string[] values) =>
        new()
        {
            Name = "city",
            Datatype = "BYTES",
            Shape = [values.Length, 1],
            Data = values
                .SelectMany(value =>
                    BitConverter
                        .GetBytes((uint)value.Length)
                        .Concat(System.Text.Encoding.UTF8.GetBytes(value))
                )
                .ToArray(),
        };
}
