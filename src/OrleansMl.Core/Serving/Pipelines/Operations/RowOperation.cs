using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Pipelines.Operations;

/// <summary>What a step without a model does: from values of some rows to values of the same rows.</summary>
/// <param name="Outputs">Names and types of what it gives.</param>
/// <param name="Run">The work; as many tensors as outputs. The number is that of the rows.</param>
internal sealed record RowOperation(
    IReadOnlyList<(string Name, PipelineValueType Type)> Outputs,
    Func<IReadOnlyList<InferenceTensor>, int, IReadOnlyList<InferenceTensor>> Run
)
{
    /// <summary>The name of the one output that most have.</summary>
    public const string Output = "output";

    public static RowOperation One(
        PipelineValueType type,
        Func<IReadOnlyList<InferenceTensor>, int, (IReadOnlyList<long> Inner, byte[] Data)> run
    ) =>
        new(
            [(Output, type)],
            (inputs, rows) =>
            {
                var (inner, data) = run(inputs, rows);
                return [Tensor(Output, type.Datatype, rows, inner, data)];
            }
        );

    public static InferenceTensor Tensor(
        string name,
        string datatype,
        int rows,
        IReadOnlyList<long> inner,
        byte[] data
    ) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = [rows, .. inner],
            Data = data,
        };
}
