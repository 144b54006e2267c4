using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Core.Tests.Serving;

public sealed class GoldenCheckTests
{
    private static readonly GoldenSample Sample = new(
        [Floats("x", [2, 1], 1, 2)],
        [Floats("p", [2], 0.25f, 300), Bytes("label", "INT64", [2], new byte[16])]
    );

    [Fact]
    public void Equal_outputs_pass()
    {
        using var session = new FixedSession([.. Sample.Outputs]);
        Assert.Equal(0, GoldenCheck.Verify(session, Sample));
        Assert.Equal(["p", "label"], session.Asked);
    }

    [Fact]
    public void A_difference_within_the_tolerance_passes_and_is_given()
    {
        using var session = new FixedSession([
            Floats("p", [2], 0.25005f, 300.02f),
            Sample.Outputs[1],
        ]);
        Assert.InRange(GoldenCheck.Verify(session, Sample), 4e-5, 1e-4);
    }

    public static TheoryData<InferenceTensor, string> Wrong =>
        new()
        {
            { Floats("p", [2], 0.2502f, 300), "0.2502 at element 0" },
            { Floats("p", [2], 0.25f, 300.1f), "300.1 at element 1" },
            { Floats("p", [2], float.NaN, 300), "NaN at element 0" },
            { Floats("p", [1, 2], 0.25f, 300), "FP32 [1, 2]" },
            { Bytes("p", "FP64", [2], new byte[16]), "FP64 [2]" },
            { Floats("q", [2], 0.25f, 300), "missing" },
            {
                Bytes("label", "INT64", [2], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
                "from byte 8"
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_difference_is_refused_naming_output_and_values(
        InferenceTensor wrong,
        string expected
    )
    {
        using var session = new FixedSession([
            wrong,
            .. Sample.Outputs.Where(o => o.Name != wrong.Name && wrong.Name != "q"),
        ]);
        var error = Assert.Throws<InvalidInputException>(() => GoldenCheck.Verify(session, Sample));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("not registered", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_is_read_as_it_was_written()
    {
        var path = Path.GetTempFileName();
        try
        {
            Sample.Write(path);
            var read = GoldenSample.Read(path);
            using var session = new FixedSession([.. read.Outputs]);
            Assert.Equal(0, GoldenCheck.Verify(session, Sample));
            Assert.Equal(Sample.Inputs[0].Data.ToArray(), read.Inputs[0].Data.ToArray());
            File.WriteAllText(path, "{}");
            Assert.Throws<InvalidDataException>(() => GoldenSample.Read(path));
            File.WriteAllText(path, "no JSON");
            Assert.Throws<InvalidDataException>(() => GoldenSample.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static InferenceTensor Floats(string name, long[] shape, params float[] values) =>
        Bytes(name, "FP32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static InferenceTensor Bytes(string name, string type, long[] shape, byte[] data) =>
        new()
        {
            Name = name,
            Datatype = type,
            Shape = shape,
            Data = data,
        };

    /// <summary>A session that gives what it was told to.</summary>
    private sealed class FixedSession(IReadOnlyList<InferenceTensor> outputs) : IInferenceSession
    {
        public IReadOnlyList<string> Asked { get; private set; } = [];

        public ModelSignature Signature => new() { Inputs = [], Outputs = [] };

        public long InlineVolume => 1;

        public IReadOnlyList<InferenceTensor> Run(
            IReadOnlyList<InferenceTensor> inputs,
            IReadOnlyList<string> asked,
            TensorMemory? memory
        )
        {
            Asked = asked;
            return outputs;
        }

        public void Dispose() { }
    }
}
