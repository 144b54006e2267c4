using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Tests.Serving.Caching;

/// <summary>Answers with the inputs' numbers times ten plus the version, in pooled memory, and counts its runs.</summary>
internal sealed class CountingPredictor : IModelPredictor
{
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    /// <summary>What a run waits for.</summary>
    public Func<InferenceRequest, Task>? Gate { get; set; }

    public async ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _runs);
        if (Gate is { } gate)
            await gate(request).WaitAsync(cancellationToken);
        var values = Numbers(request.Inputs[0]);
        if (values.Contains(-1))
            throw new InvalidInputException("this is no number for the model");
        var memory = new TensorMemory();
        var buffer = memory.Rent(values.Length * sizeof(float));
        for (var i = 0; i < values.Length; i++)
            values[i] = Expected(values[i], version.Version);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(buffer);
        return new InferenceResponse
        {
            Model = version.Name,
            Version = version.Version,
            Id = request.Id,
            Outputs =
            [
                new InferenceTensor
                {
                    Name = "y",
                    Datatype = "FP32",
                    Shape = [values.Length],
                    Data = buffer.AsMemory(0, values.Length * sizeof(float)),
                },
            ],
            Memory = memory,
        };
    }

    public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public static float Expected(float value, int version) => value * 10 + version;

    public static float[] Numbers(InferenceTensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray();
}
