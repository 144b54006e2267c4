using OrleansMl.Core.Serving.Pipelines.Conditions;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Puts steps after those that they need.</summary>
internal sealed class StepOrder(
    IReadOnlyDictionary<string, ConfigValues> steps,
    ConfigReading reading
)
{
    private readonly List<ConfigValues> _ordered = [];
    private readonly HashSet<string> _done = [];
    private readonly List<string> _open = [];

    /// <summary>The steps, each after those that it needs; null when some need each other.</summary>
    public IReadOnlyList<ConfigValues>? Sort() =>
        steps.Keys.All(Visit) && !reading.Failed ? _ordered : null;

    private bool Visit(string name)
    {
        if (_done.Contains(name))
            return true;
        var cycle = _open.IndexOf(name);
        if (cycle >= 0)
        {
            reading.ReportKey(
                steps[name].Path,
                "name",
                $"steps need each other in a circle: {string.Join(" → ", _open.Skip(cycle).Append(name))}."
            );
            return false;
        }
        _open.Add(name);
        foreach (var needed in Needs(steps[name]).Distinct())
        {
            if (steps.ContainsKey(needed) && !Visit(needed))
                return false;
        }
        _open.RemoveAt(_open.Count - 1);
        _done.Add(name);
        _ordered.Add(steps[name]);
        return true;
    }

    private IEnumerable<string> Needs(ConfigValues step)
    {
        List<string> references =
        [
            .. Bound(step),
            .. Condition(step, "when"),
            .. step.OptionalText("input") is { } input ? new[] { input } : [],
        ];
        switch (step.Text("type"))
        {
            case PipelineKeys.Cascade:
                foreach (var stage in step.List<ConfigValues>("stages"))
                {
                    references.AddRange(Bound(stage));
                    // A bare name is an output of the stage itself.
                    references.AddRange(Condition(stage, "accept"));
                }
                break;
            case PipelineKeys.Average or PipelineKeys.Vote:
                references.AddRange(step.List<string>("of"));
                break;
            case PipelineKeys.Merge:
                references.AddRange(step.List<string>("first_of"));
                break;
            default:
                break;
        }
        return references
            .Select(ValueReference.Parse)
            .OfType<ValueReference>()
            .Select(reference => reference.Step)
            .Concat(step.OptionalText("otherwise") is { } other ? [other] : []);
    }

    private static IEnumerable<string> Bound(ConfigValues step) =>
        step.OptionalMap("inputs")?.Values.Cast<string>() ?? [];

    private IReadOnlyList<string> Condition(ConfigValues step, string key)
    {
        if (step.OptionalText(key) is not { } text)
            return [];
        try
        {
            return Conditions.Condition.Names(text);
        }
        catch (ConditionException error)
        {
            reading.ReportKey(step.Path, key, error.Message);
            return [];
        }
    }
}
