using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>Runs a version on perturbed rows, a batch at a time, and reads one element of one output. The first mask of all decides which, when none is asked for.</summary>
internal sealed class ExplanationRuns(
    IModelPredictor predictor,
    ModelVersionId version,
    string output,
    RowPerturbation rows,
    int? target,
    int batch,
    CancellationToken cancellationToken
)
{
    public int? Target { get; private set; } = target;

    public async ValueTask<double[]> ValuesAsync(IReadOnlyList<bool[]> masks)
    {
        var values = new double[masks.Count];
        for (var begin = 0; begin < masks.Count; begin += batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(batch, masks.Count - begin);
            var response = await predictor.PredictAsync(
                version,
                new InferenceRequest
                {
                    Inputs = rows.Apply([.. masks.Skip(begin).Take(count)]),
                    Outputs = [output],
                },
                cancellationToken
            );
            try
            {
                Read(response.Outputs[0], values.AsSpan(begin, count));
            }
            finally
            {
                response.Release();
            }
        }
        return values;
    }

    private void Read(InferenceTensor tensor, Span<double> values)
    {
        var data = tensor.Data.Span;
        var width = TensorElement.Elements(tensor) / values.Length;
        if (width < 1 || tensor.Shape.Count == 0 || tensor.Shape[0] != values.Length)
            throw new InvalidInputException(
                $"model {version}: the output '{output}' has no row for each row of the request ([{string.Join(", ", tensor.Shape)}] for {values.Length}), so that it can't be explained."
            );
        var element = Target ??= Largest(tensor.Datatype, data, width);
        if (element < 0 || element >= width)
            throw new InvalidInputException(
                $"model {version}: explain.target: expected 0 to {width - 1} of the output '{output}', got {element}."
            );
        for (var i = 0; i < values.Length; i++)
            values[i] = TensorElement.Number(tensor.Datatype, data, (i * width) + element);
    }

    private static int Largest(string datatype, ReadOnlySpan<byte> data, int width)
    {
        var best = 0;
        for (var i = 1; i < width; i++)
        {
            if (
                TensorElement.Number(datatype, data, i) > TensorElement.Number(datatype, data, best)
            )
                best = i;
        }
        return best;
    }
}
