using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Engines.Onnx.Serving;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

/// <summary>Batched and single runs in the engine that serves.</summary>
public sealed class BatchingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rows_that_see_each_other_never_run_together_and_others_may()
    {
        using var doubling = Load(TestModels.Doubling());
        using var texts = Load(TestModels.TextsAndFlags());
        using var across = Load(TestModels.Across());

        Assert.Null(BatchTrial.Run(doubling));
        Assert.Null(BatchTrial.Run(texts));
        Assert.Contains("differs", BatchTrial.Run(across)!, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_run_together_get_what_they_get_alone()
    {
        using var session = Load(TestModels.Doubling());
        var input = session.Signature.Inputs[0];
        var width = (int)
            input.Shape.Skip(1).Aggregate(1L, (product, d) => product * Math.Max(d, 1));
        Gen.Int[1, 5]
            .Array[2, 8]
            .Sample(rows =>
            {
                var calls = rows.Select(
                        (count, call) =>
                            (IReadOnlyList<InferenceTensor>)
                                [
                                    new InferenceTensor
                                    {
                                        Name = input.Name,
                                        Datatype = input.Datatype,
                                        Shape =
                                        [
                                            count,
                                            .. input.Shape.Skip(1).Select(d => Math.Max(d, 1)),
                                        ],
                                        Data = OnnxBytes.Raw(
                                            Enumerable
                                                .Range(0, count * width)
                                                .Select(i => call + (i / 8f))
                                                .ToArray()
                                        ),
                                    },
                                ]
                    )
                    .ToList();
                var block = new TensorMemory();
                var memory = new TensorMemory();
                var split = TensorBatches.Split(
                    session.Run(TensorBatches.Gather(calls, rows.Sum(), block), [], memory),
                    rows
                );
                for (var call = 0; call < rows.Length; call++)
                {
                    var alone = session.Run(calls[call], []);
                    Assert.Equal(alone[0].Shape, split[call][0].Shape);
                    Assert.Equal(alone[0].Data.ToArray(), split[call][0].Data.ToArray());
                }
                block.Release();
                memory.Release();
            });
    }

    [Fact]
    public void Neither_the_parts_of_a_batch_nor_the_threads_of_a_run_change_a_bit_of_the_answers()
    {
        const int Width = 300;
        const int Rows = 32;
        using var single = Load(TestModels.Dense());
        using var shared = Load(TestModels.Dense(), intraOpThreads: 2);
        var whole = Run(single, 0, Rows);

        Assert.Equal(whole, Run(shared, 0, Rows));
        foreach (var part in (int[])[2, 5, 8, 11, 16])
        {
            var parts = new List<byte>();
            for (var from = 0; from < Rows; from += part)
                parts.AddRange(Run(single, from, Math.Min(part, Rows - from)));
            Assert.Equal(whole, parts);
        }

        byte[] Run(IInferenceSession session, int from, int rows) =>
            session
                .Run(
                    [
                        new InferenceTensor
                        {
                            Name = "x",
                            Datatype = "FP32",
                            Shape = [rows, Width],
                            Data = OnnxBytes.Raw(
                                TestModels.Weights(Rows * Width, 11)[
                                    (from * Width)..((from + rows) * Width)
                                ]
                            ),
                        },
                    ],
                    []
                )[0]
                .Data.ToArray();
    }

    private IInferenceSession Load(byte[] model, int intraOpThreads = 1)
    {
        var engine = new OnnxInferenceEngine(
            Options.Create(new OnnxEngineOptions { IntraOpThreads = intraOpThreads }),
            TimeProvider.System,
            NullLogger<OnnxInferenceEngine>.Instance
        );
        var path = Path.Combine(_folder, $"{model.Length}.onnx");
        File.WriteAllBytes(path, model);
        return engine.Load(path, engine.ReadSignature(path));
    }
}
