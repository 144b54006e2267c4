using System.Runtime.InteropServices;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Grains.Tests.Serving.Sequences;

/// <summary>A model with a state: its answer is what it was given so far, each number times the version.</summary>
internal sealed class Accumulator : IModelPredictor
{
    public const string Model = "sums";
    private int _runs;

    public static ModelSignature Signature { get; } =
        new()
        {
            Inputs = [Tensor("x"), Tensor("total")],
            Outputs = [Tensor("y"), Tensor("total_out")],
            Task = "regression",
        };

    public static SequencePolicy Policy { get; } =
        new()
        {
            States = [new SequenceStateSpec { Input = "total", Output = "total_out" }],
            IdleSeconds = 60,
        };

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
        var inputs = TensorValidation.Check(version, Signature, request);
        var sum = Number(inputs[0]) * version.Version + Number(inputs[1]);
        var memory = new TensorMemory();
        var buffer = memory.Rent(sizeof(float));
        MemoryMarshal.Write(buffer, sum);
        var outputs = Signature.Outputs.Select(output => new InferenceTensor
        {
            Name = output.Name,
            Datatype = "FP32",
            Shape = [1, 1],
            Data = buffer.AsMemory(0, sizeof(float)),
        });
        return new InferenceResponse
        {
            Model = version.Name,
            Version = version.Version,
            Id = request.Id,
            Outputs =
            [
                .. outputs.Where(output =>
                    request.Outputs.Count == 0 || request.Outputs.Contains(output.Name)
                ),
            ],
            Memory = memory,
        };
    }

    public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public static ModelRegistration Registration(string command) =>
        TestModels.Registration(command) with
        {
            Signature = Signature,
        };

    public static InferenceTensor Tensor(string name, float value) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [1, 1],
            Data = BitConverter.GetBytes(value),
        };

    public static float Number(InferenceTensor tensor) =>
        MemoryMarshal.Read<float>(tensor.Data.Span);

    private static TensorSignature Tensor(string name) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [-1, 1],
        };
}
