using OrleansMl.Contracts.Models;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>What the steps' models take and give, checked for what a pipeline needs of them.</summary>
internal sealed class ModelSignatureReader(
    IReadOnlyDictionary<ModelStepReference, ModelSignature?> signatures,
    ConfigReading reading
)
{
    private readonly Dictionary<string, ModelSignature?> _read = [];

    public string CommonTask =>
        Found.Select(s => s.Task).Distinct().ToList() is [var task] ? task : "unknown";

    public IReadOnlyList<string> CommonLabels =>
        Found.FirstOrDefault() is { } first
        && Found.All(s => s.ClassLabels.SequenceEqual(first.ClassLabels))
            ? first.ClassLabels
            : [];

    private IEnumerable<ModelSignature> Found => _read.Values.OfType<ModelSignature>();

    /// <summary>The model of a step or stage; null when an error was reported.</summary>
    public ModelSignature? Read(ConfigValues step)
    {
        if (_read.TryGetValue(step.Path, out var known))
            return known;
        return _read[step.Path] = Check(step, ModelStepReference.Parse(step.Text("model"))!.Value);
    }

    private ModelSignature? Check(ConfigValues step, ModelStepReference model)
    {
        if (signatures.GetValueOrDefault(model) is not { } signature)
        {
            reading.ReportKey(
                step.Path,
                "model",
                $"there is no model {model}; train or import it first."
            );
            return null;
        }
        foreach (
            var (kind, tensors) in new[]
            {
                ("input", signature.Inputs),
                ("output", signature.Outputs),
            }
        )
        {
            if (tensors.FirstOrDefault(t => t.Shape.Count == 0 || t.Shape[0] >= 0) is { } fixedRows)
            {
                reading.ReportKey(
                    step.Path,
                    "model",
                    $"{kind} '{fixedRows.Name}' of {model} has the shape [{string.Join(", ", fixedRows.Shape)}]; expected -1 as its first dimension, the rows."
                );
                return null;
            }
        }
        return signature;
    }
}
