using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Engines.Onnx.Serving;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

public sealed partial class OnnxInferenceEngineTests
{
    [Fact]
    public void A_file_that_is_no_model_is_refused_by_name()
    {
        foreach (
            var content in new[]
            {
                [],
                "not a model at all"u8.ToArray(),
                new byte[10_000],
                Encoding.UTF8.GetBytes("{\"json\": true}"),
            }
        )
        {
            var error = Assert.Throws<InvalidInputException>(() =>
                Engine().ReadSignature(Save(content, "upload.bin"))
            );
            Assert.Contains("upload.bin is no ONNX model that can be loaded", error.Message);
        }
        Assert.Throws<FileNotFoundException>(() =>
            Engine().ReadSignature(Path.Combine(_folder, "absent.onnx"))
        );
        var large = Assert.Throws<InvalidInputException>(() =>
            Engine(o => o.MaxModelBytes = 10).ReadSignature(Save(TestModels.Doubling()))
        );
        Assert.Contains("at most 10 are allowed for a model", large.Message);
    }

    [Fact]
    public void A_truncated_model_is_refused_wherever_it_was_cut()
    {
        var whole = TestModels.TextsAndFlags();
        for (var length = 0; length < whole.Length; length++)
        {
            var path = Save(whole[..length], "cut.onnx");

            Assert.Throws<InvalidInputException>(() => Engine().ReadSignature(path));
        }
    }

    [Fact]
    public void A_model_that_would_read_files_beside_it_is_refused()
    {
        Save(OnnxBytes.Raw(1f, 2f, 3f), "other");
        var path = Save(TestModels.Reading());
        // The runtime itself would read it: this is what the refusal is for.
        using (var unguarded = new Microsoft.ML.OnnxRuntime.InferenceSession(path))
            Assert.Equal("y", Assert.Single(unguarded.OutputNames));

        var error = Assert.Throws<InvalidInputException>(() => Engine().ReadSignature(path));

        Assert.Contains("keeps tensors in other files", error.Message);
    }

    [Fact]
    public void Damaged_bytes_give_a_model_or_a_refusal_and_nothing_else()
    {
        var whole = TestModels.Endless();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Array[1, 4]
            .Sample(
                edits =>
                {
                    var bytes = whole.ToArray();
                    foreach (var (at, value) in edits)
                        bytes[at] = value;
                    try
                    {
                        Assert.NotNull(Engine().ReadSignature(Save(bytes, "damaged.onnx")).Inputs);
                    }
                    catch (InvalidInputException e)
                    {
                        Assert.NotEmpty(e.Message);
                    }
                },
                iter: 300,
                threads: 1
            );
    }

    [Fact]
    public void A_model_that_never_ends_is_refused()
    {
        var engine = Engine(o => o.LoadTimeout = TimeSpan.FromMilliseconds(100));
        var path = Save(TestModels.Endless());
        var signature = Engine().ReadSignature(path);

        var error = Assert.Throws<InvalidInputException>(() => engine.Load(path, signature));

        Assert.Contains("the model's warm-up took longer than 0.1 s", error.Message);
    }

    [Fact]
    public void An_output_over_the_limit_is_refused()
    {
        var engine = Engine(o => o.MaxOutputBytes = 12);
        var path = Save(TestModels.Doubling());
        using var session = engine.Load(path, engine.ReadSignature(path));

        Assert.Single(session.Run([Floats("x", [1, 3], 1, 2, 3)], []));
        var error = Assert.Throws<InvalidInputException>(() =>
            session.Run([Floats("x", [2, 3], 1, 2, 3, 4, 5, 6)], [])
        );

        Assert.Contains("output 'y' has 24 bytes, at most 12 are allowed", error.Message);
    }
}
