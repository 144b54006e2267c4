using OrleansMl.Contracts.Models;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>What a pipeline takes: declared, or what the first model that uses it takes.</summary>
internal sealed class CallerInputs(
    ConfigValues document,
    IReadOnlyList<ConfigValues> steps,
    ModelSignatureReader models
)
{
    /// <summary>Adds the inputs to the plan; returns their signatures.</summary>
    public IReadOnlyList<TensorSignature> Add(PlanBuilder builder)
    {
        var types = new Dictionary<string, PipelineValueType>();
        foreach (var (name, declared) in document.OptionalMap("inputs") ?? NoMap)
        {
            var values = (ConfigValues)declared;
            types[name] = new(values.Text("datatype"), values.List<long>("shape"));
        }
        var uses = Uses().ToLookup(use => use.Input, use => use.Takes);
        foreach (var use in uses)
            types.TryAdd(use.Key, PipelineValueType.Of(use.First()));
        List<TensorSignature> signatures = [];
        foreach (var (name, type) in types)
        {
            builder.AddInput(name, type);
            var takers = uses[name].ToList();
            signatures.Add(
                type.ToSignature(name, takers.Count > 0 && takers.TrueForAll(t => t.AllowsMissing))
            );
        }
        return signatures;
    }

    private static readonly IReadOnlyDictionary<string, object> NoMap =
        new Dictionary<string, object>();

    private IEnumerable<(string Input, TensorSignature Takes)> Uses()
    {
        foreach (var step in steps.SelectMany(Calls))
        {
            if (models.Read(step) is not { } signature)
                continue;
            var bound = step.OptionalMap("inputs");
            foreach (var input in signature.Inputs)
            {
                var text = bound is null
                    ? $"{ValueReference.Caller}.{input.Name}"
                    : bound.GetValueOrDefault(input.Name) as string;
                if (text is not null && ValueReference.Parse(text) is { IsInput: true } reference)
                    yield return (reference.Tensor, input);
            }
        }
    }

    private static IEnumerable<ConfigValues> Calls(ConfigValues step) =>
        step.Text("type") switch
        {
            PipelineKeys.Model => [step],
            PipelineKeys.Cascade => step.List<ConfigValues>("stages"),
            _ => [],
        };
}
