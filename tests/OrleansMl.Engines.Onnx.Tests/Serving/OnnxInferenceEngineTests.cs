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

public sealed partial class OnnxInferenceEngineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OnnxInferenceEngine Engine(Action<OnnxEngineOptions>? configure = null)
    {
        var options = new OnnxEngineOptions();
        configure?.Invoke(options);
        return new OnnxInferenceEngine(
            Options.Create(options),
            TimeProvider.System,
            NullLogger<OnnxInferenceEngine>.Instance
        );
    }

    private string Save(byte[] model, string name = "model.onnx")
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, model);
        return path;
    }

    private IInferenceSession Load(byte[] model)
    {
        var engine = Engine();
        var path = Save(model);
        return engine.Load(path, engine.ReadSignature(path));
    }

    private static InferenceTensor Floats(string name, long[] shape, params float[] values) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = shape,
            Data = OnnxBytes.Raw(values),
        };

    private static float[] Floats(InferenceTensor tensor)
    {
        var values = new float[tensor.Data.Length / 4];
        Buffer.BlockCopy(tensor.Data.ToArray(), 0, values, 0, tensor.Data.Length);
        return values;
    }

    private static InferenceTensor Texts(string name, params string[] values)
    {
        var data = new List<byte>();
        foreach (var value in values)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)bytes.Length);
            data.AddRange(length);
            data.AddRange(bytes);
        }
        return new InferenceTensor
        {
            Name = name,
            Datatype = "BYTES",
            Shape = [values.Length, 1],
            Data = data.ToArray(),
        };
    }

    private static InferenceTensor Flags(string name, params byte[] values) =>
        new()
        {
            Name = name,
            Datatype = "BOOL",
            Shape = [values.Length],
            Data = values,
        };

    [Fact]
    public void A_signature_has_names_types_and_variable_dimensions_as_minus_one()
    {
        var signature = Engine().ReadSignature(Save(TestModels.TextsAndFlags()));

        Assert.Equal(
            ["t BYTES[-1,1]", "b BOOL[-1]"],
            signature.Inputs.Select(t => $"{t.Name} {t.Datatype}[{string.Join(',', t.Shape)}]")
        );
        Assert.Equal(
            ["same BYTES[-1,1]", "number FP32[-1]"],
            signature.Outputs.Select(t => $"{t.Name} {t.Datatype}[{string.Join(',', t.Shape)}]")
        );
    }

    [Fact]
    public void Rows_of_any_number_run_over_the_callers_memory()
    {
        using var session = Load(TestModels.Doubling());
        Gen.Float[-1e6f, 1e6f]
            .Array[3, 60]
            .Select(v => v[..(v.Length / 3 * 3)])
            .Sample(values =>
            {
                // In the middle of a larger buffer, as a gateway's pooled body is.
                var buffer = new byte[16 + (values.Length * 4)];
                OnnxBytes.Raw(values).CopyTo(buffer, 8);
                var input = new InferenceTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [values.Length / 3, 3],
                    Data = buffer.AsMemory(8, values.Length * 4),
                };

                var output = Assert.Single(session.Run([input], []));

                Assert.Equal([values.Length / 3, 3], output.Shape);
                Assert.Equal(values.Select(v => v + v), Floats(output));
            });
    }

    [Fact]
    public void Texts_and_flags_go_through_unchanged()
    {
        using var session = Load(TestModels.TextsAndFlags());

        var outputs = session.Run(
            [Texts("t", "", "Zürich", "日本"), Flags("b", 1, 0, 1)],
            ["number", "same"]
        );

        Assert.Equal(["number", "same"], outputs.Select(o => o.Name));
        Assert.Equal([1f, 0, 1], Floats(outputs[0]));
        Assert.Equal(Texts("same", "", "Zürich", "日本").Data.ToArray(), outputs[1].Data.ToArray());
        Assert.Equal([3, 1], outputs[1].Shape);
    }

    [Fact]
    public void The_order_of_inputs_does_not_matter()
    {
        using var session = Load(TestModels.TextsAndFlags());

        var outputs = session.Run([Flags("b", 0), Texts("t", "a")], []);

        Assert.Equal(["same", "number"], outputs.Select(o => o.Name));
    }

    [Fact]
    public void A_small_model_is_known_to_run_inline()
    {
        using var session = Load(TestModels.Doubling());
        Assert.True(session.InlineVolume >= 1);

        var engine = Engine(o => o.InlineThreshold = TimeSpan.Zero);
        var path = Save(TestModels.Doubling(), "again.onnx");
        using var slow = engine.Load(path, engine.ReadSignature(path));
        Assert.Equal(0, slow.InlineVolume);
    }

    [Fact]
    public void What_does_not_fit_the_model_is_refused_before_native_code_reads_it()
    {
        using var session = Load(TestModels.Doubling());
        var short1 = Floats("x", [2, 3], 1, 2, 3);

        Refused([short1], "expected 24 bytes for FP32 of [2, 3], got 12");
        Refused([], "the input 'x' is missing");
        Refused([Floats("z", [1, 3], 1, 2, 3)], "the input 'x' is missing");
        Refused(
            [Floats("x", [1, 3], 1, 2, 3), Floats("x", [1, 3], 1, 2, 3)],
            "expected the 1 inputs 'x', got 2 tensors"
        );
        Refused([short1 with { Datatype = "FP31" }], "unknown datatype 'FP31'");
        Refused([short1 with { Shape = [0, 3], Data = default }], "dimensions of 1 or more");
        Refused([short1 with { Shape = [long.MaxValue, 3] }], "dimensions of 1 or more");
        Refused(
            [short1 with { Shape = [1, 3], Datatype = "INT32" }],
            "the model refused the values"
        );
        var error = Assert.Throws<InvalidInputException>(() =>
            session.Run([Floats("x", [1, 3], 1, 2, 3)], ["w"])
        );
        Assert.Contains("unknown output 'w'; the model gives 'y'", error.Message);

        void Refused(InferenceTensor[] inputs, string expected) =>
            Assert.Contains(
                expected,
                Assert.Throws<InvalidInputException>(() => session.Run(inputs, [])).Message
            );
    }

    [Fact]
    public void Malformed_texts_and_flags_are_refused()
    {
        using var session = Load(TestModels.TextsAndFlags());
        var flag = Flags("b", 1);
        var text = Texts("t", "abc");

        Refused(text with { Data = text.Data[..6] }, flag, "expected 1 BYTES elements");
        Refused(text with { Data = new byte[9] }, flag, "and nothing after them");
        Refused(text with { Data = new byte[3] }, flag, "expected 1 BYTES elements");
        Refused(
            text with
            {
                Shape = [int.MaxValue, 1],
            },
            flag,
            "expected 2147483647 BYTES elements"
        );
        Refused(text, Flags("b", 2), "a BOOL byte must be 0 or 1");

        void Refused(InferenceTensor t, InferenceTensor b, string expected) =>
            Assert.Contains(
                expected,
                Assert.Throws<InvalidInputException>(() => session.Run([t, b], [])).Message
            );
    }

    [Fact]
    public void A_model_refuses_a_width_that_its_weights_do_not_have()
    {
        // Its graph leaves the width open: zeros of 1×1 don't go through either, so it must be declared to load.
        var engine = Engine();
        var path = Save(TestModels.Product());
        var signature = engine.ReadSignature(path);
        var error = Assert.Throws<InvalidInputException>(() => engine.Load(path, signature));
        Assert.Contains("could not be run once on zeros of batch 1", error.Message);

        using var session = engine.Load(
            path,
            signature with
            {
                Inputs = [signature.Inputs[0] with { Shape = [-1, 3] }],
            }
        );
        Assert.Equal([19f, 22, 25, 28], Floats(session.Run([Floats("x", [1, 3], 1, 0, 2)], [])[0]));
        Assert.Throws<InvalidInputException>(() => session.Run([Floats("x", [1, 2], 1, 2)], []));
    }

    [Fact]
    public void A_signature_that_is_not_the_models_is_refused()
    {
        var engine = Engine();
        var path = Save(TestModels.Doubling());
        var signature = engine.ReadSignature(path);

        Refused(
            signature with
            {
                Outputs = [signature.Outputs[0] with { Name = "z" }],
            },
            "the signature declares the output 'z', which the model lacks; it has 'y'"
        );
        Refused(
            signature with
            {
                Inputs = [signature.Inputs[0] with { Datatype = "FP64" }],
            },
            "the signature declares the input 'x' FP64[-1, 3], and the model has 'x' FP32[-1, 3]"
        );
        Refused(
            signature with
            {
                Outputs = [signature.Outputs[0] with { Shape = [-1, 4] }],
            },
            "the signature declares the output 'y' FP32[-1, 4]"
        );
        Refused(signature with { Inputs = [] }, "the model needs the input 'x' FP32[-1, 3]");

        void Refused(ModelSignature declared, string expected) =>
            Assert.Contains(
                expected,
                Assert.Throws<InvalidInputException>(() => engine.Load(path, declared)).Message
            );
    }

    [Fact]
    public void Outputs_that_are_no_tensors_and_types_that_the_protocol_lacks_are_refused()
    {
        var sequence = Assert.Throws<InvalidInputException>(() =>
            Engine().ReadSignature(Save(TestModels.Sequence()))
        );
        Assert.Contains(
            "the model's output 'pair' is a sequence, expected a tensor",
            sequence.Message
        );

        var eight = Assert.Throws<InvalidInputException>(() =>
            Engine().ReadSignature(Save(TestModels.FloatOfEightBits(), "eight.onnx"))
        );
        Assert.Contains("eight.onnx is no ONNX model that can be loaded", eight.Message);
    }

    [Fact]
    public void Brain_floats_go_in_and_out()
    {
        using var session = Load(TestModels.Brain());
        // 1.5, the upper half of its float.
        byte[] value = [0xC0, 0x3F];

        var outputs = session.Run(
            [
                new InferenceTensor
                {
                    Name = "x",
                    Datatype = "BF16",
                    Shape = [1],
                    Data = value,
                },
            ],
            ["y", "same"]
        );

        Assert.Equal([1.5f], Floats(outputs[0]));
        Assert.Equal("BF16", outputs[1].Datatype);
        Assert.Equal(value, outputs[1].Data.ToArray());
    }

    [Fact]
    public void A_run_in_rented_memory_allocates_nothing_of_the_size_of_its_tensors()
    {
        const int Rows = 20_000;
        const int Runs = 50;
        using var session = Load(TestModels.Doubling());
        var input = Floats("x", [Rows, 3], new float[Rows * 3]);

        void Run()
        {
            var memory = new TensorMemory();
            session.Run([input], [], memory);
            memory.Release();
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++)
            Run();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;

        Assert.True(each < 4096, $"{each} bytes a run; the tensors have {input.Data.Length} each");
    }

    [Fact]
    public void Elements_at_any_address_give_the_same()
    {
        using var session = Load(TestModels.Doubling());
        var values = OnnxBytes.Raw([.. Enumerable.Range(0, 96).Select(i => i / 7f)]);
        var expected = session.Run([Tensor(values)], [])[0].Data.ToArray();
        for (var offset = 1; offset < 64; offset++)
        {
            var buffer = new byte[offset + values.Length];
            values.CopyTo(buffer, offset);
            Assert.Equal(
                expected,
                session.Run([Tensor(buffer.AsMemory(offset))], [])[0].Data.ToArray()
            );
        }

        static InferenceTensor Tensor(ReadOnlyMemory<byte> data) =>
            new()
            {
                Name = "x",
                Datatype = "FP32",
                Shape = [32, 3],
                Data = data,
            };
    }

    [Fact]
    public async Task Threads_share_a_session_and_disposing_waits_for_their_calls()
    {
        var session = Load(TestModels.Doubling());
        using var running = new CountdownEvent(4);
        var callers = Enumerable
            .Range(0, 4)
            .Select(caller =>
                Task.Factory.StartNew(
                    () =>
                    {
                        for (var call = 0; ; call++)
                        {
                            try
                            {
                                var output = session.Run(
                                    [Floats("x", [1, 3], caller, call, 1)],
                                    []
                                );
                                Assert.Equal([2f * caller, 2f * call, 2], Floats(output[0]));
                            }
                            catch (UnavailableException)
                            {
                                return call;
                            }
                            if (call == 100)
                                running.Signal();
                        }
                    },
                    TestContext.Current.CancellationToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            )
            .ToArray();
        running.Wait(TestContext.Current.CancellationToken);

        session.Dispose();
        session.Dispose();

        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 100));
    }
}
