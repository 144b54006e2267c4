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

    private IInferenceSession Load(byte[] model)
    {
        var engine = new OnnxInferenceEngine(
            Options.Create(new OnnxEngineOptions()),
            TimeProvider.System,
            NullLogger<OnnxInferenceEngine>.Instance
        );
        var path = Path.Combine(_folder, $"{model.Length}.onnx");
        File.WriteAllBytes(path, model);
        return engine.Load(path, engine.ReadSignature(path));
    }
}
