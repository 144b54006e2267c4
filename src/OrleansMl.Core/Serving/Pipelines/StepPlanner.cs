using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Pipelines.Conditions;
using OrleansMl.Core.Serving.Pipelines.Operations;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Plans one step after the other; a step that is wrong is reported and gives nothing.</summary>
internal sealed class StepPlanner(
    PlanBuilder builder,
    ModelSignatureReader models,
    ConfigReading reading,
    IReadOnlyCollection<string> steps
)
{
    private readonly Dictionary<string, (int Decision, RowSet Before)> _decisions = [];
    private readonly HashSet<string> _wrong = [];

    /// <summary>Plans a step; those that it needs were planned before.</summary>
    public void Plan(ConfigValues step)
    {
        var planned = step.Text("type") switch
        {
            PipelineKeys.Model => PlanModel(step),
            PipelineKeys.Cascade => PlanCascade(step),
            PipelineKeys.Merge => PlanMerge(step),
            _ => PlanOperation(step),
        };
        if (!planned)
            _wrong.Add(step.Text("name"));
    }

    public void Report(string path, string key, string message) =>
        reading.ReportKey(path, key, message);

    /// <summary>The value that a reference means; null after an error, which is reported unless it follows from another.</summary>
    public PlannedValue? Find(string text, string path, string key)
    {
        if (ValueReference.Parse(text) is not { } reference)
        {
            Report(path, key, $"'{text}' is not a value: expected step.output or inputs.name.");
            return null;
        }
        if (builder.Find(reference) is { } value)
            return value;
        if (_wrong.Contains(reference.Step))
            return null;
        if (!reference.IsInput && !steps.Contains(reference.Step))
        {
            Report(
                path,
                key,
                $"there is no step '{reference.Step}'{NearestName.Hint(reference.Step, [.. steps])}"
            );
            return null;
        }
        string[] outputs = [.. builder.OutputsOf(reference.Step)];
        Report(
            path,
            key,
            reference.IsInput
                ? $"the datatype and shape of the caller's input '{reference.Tensor}' are not known; declare it under inputs{NearestName.Hint(reference.Tensor, outputs)}"
                : $"step '{reference.Step}' gives no '{reference.Tensor}'{NearestName.Hint(reference.Tensor, outputs)}"
        );
        return null;
    }

    private bool PlanModel(ConfigValues step)
    {
        if (models.Read(step) is not { } signature || Bind(step, signature) is not { } inputs)
            return false;
        if (Rows(step, inputs) is not { } rows)
            return false;
        AddModel(step.Text("name"), step.Text("name"), step, signature, inputs, rows);
        return true;
    }

    private void AddModel(
        string step,
        string values,
        ConfigValues call,
        ModelSignature signature,
        IReadOnlyList<PlannedValue> inputs,
        RowSet rows
    ) =>
        builder.Add(
            values,
            Node(step, rows, inputs) with
            {
                Model = ModelStepReference.Parse(call.Text("model")),
                ModelInputs = signature.Inputs,
                ModelOutputs = [.. signature.Outputs.Select(output => output.Name)],
            },
            signature.Outputs.Select(output => (output.Name, PipelineValueType.Of(output)))
        );

    private bool PlanCascade(ConfigValues step)
    {
        var name = step.Text("name");
        var stages = step.List<ConfigValues>("stages");
        List<RowSet> sets = [];
        RowSet? rows = null;
        for (var i = 0; i < stages.Count; i++)
        {
            var stage = stages[i];
            var last = i == stages.Count - 1;
            if ((stage.OptionalText("accept") is null) != last)
            {
                Report(
                    stage.Path,
                    "accept",
                    last
                        ? "the last stage answers all rows that come to it; remove its condition."
                        : "expected a condition: without one no row would go on to the next stage."
                );
                return false;
            }
            if (models.Read(stage) is not { } signature || Bind(stage, signature) is not { } inputs)
                return false;
            rows ??= Rows(step, inputs);
            if (
                rows is null
                || Meet(stage.Path, "inputs", [rows, .. inputs.Select(v => v.Rows)]) is not { } met
            )
                return false;
            if (!met.Covers(rows))
            {
                Report(
                    stage.Path,
                    "inputs",
                    "an input exists for some rows only; the stage must be able to answer every row that comes to it."
                );
                return false;
            }
            sets.Add(rows);
            var values = $"{name}#{i + 1}";
            AddModel(name, values, stage, signature, inputs, rows);
            if (last)
                break;
            if (Decide(stage, "accept", name, rows, [], values) is not { } decision)
                return false;
            rows = builder.RowSets.Of(rows.Decisions.Append((decision * 2) + 1));
        }
        return PlanStages(step, name, sets);
    }

    private bool PlanStages(ConfigValues step, string name, List<RowSet> sets)
    {
        foreach (var output in step.List<string>("outputs"))
        {
            List<PlannedValue> alternatives = [];
            for (var i = sets.Count; i >= 1; i--)
            {
                if (builder.Find(new ValueReference($"{name}#{i}", output)) is { } value)
                    alternatives.Add(value);
                else
                {
                    Report(
                        step.Path,
                        "outputs",
                        $"the model of stage {i} has no output '{output}'{NearestName.Hint(output, [.. builder.OutputsOf($"{name}#{i}")])}"
                    );
                    return false;
                }
            }
            if (!Same(step, "outputs", alternatives))
                return false;
            builder.Add(
                name,
                Node(name, sets[0], alternatives) with
                {
                    Merges = true,
                },
                [(output, alternatives[0].Type)]
            );
        }
        builder.Add(
            name,
            Node(name, sets[0], []) with
            {
                Stages = sets,
            },
            [("stage", new PipelineValueType("INT64", []))]
        );
        return true;
    }

    private bool PlanMerge(ConfigValues step)
    {
        foreach (var key in new[] { "when", "otherwise" })
        {
            if (step.OptionalText(key) is null)
                continue;
            Report(step.Path, key, "a merge has no condition of its own; remove it.");
            return false;
        }
        if (
            FindAll(step, "first_of") is not { } alternatives
            || !Same(step, "first_of", alternatives)
        )
            return false;
        if (builder.RowSets.Join([.. alternatives.Select(value => value.Rows)]) is not { } rows)
        {
            Report(
                step.Path,
                "first_of",
                "rows that none of these has can't be ruled out; end with a value that all rows have, or join a step with 'when' and one with 'otherwise'."
            );
            return false;
        }
        var name = step.Text("name");
        builder.Add(
            name,
            Node(name, rows, alternatives) with
            {
                Merges = true,
            },
            [(RowOperation.Output, alternatives[0].Type)]
        );
        return true;
    }

    private bool PlanOperation(ConfigValues step)
    {
        var key = step.OptionalText("input") is null ? "of" : "input";
        List<PlannedValue>? inputs = step.Text("type") switch
        {
            PipelineKeys.Constant => [],
            _ when key == "of" => FindAll(step, key),
            _ => Find(step.Text("input"), step.Path, "input") is { } one ? [one] : null,
        };
        if (inputs is null || Rows(step, inputs) is not { } rows)
            return false;
        if (key == "of" && inputs.Count > 0 && !Same(step, key, inputs))
            return false;
        var (operation, problem) = StepOperations.Of(step, [.. inputs.Select(input => input.Type)]);
        if (operation is null)
        {
            Report(step.Path, key, problem);
            return false;
        }
        var name = step.Text("name");
        builder.Add(
            name,
            Node(name, rows, inputs) with
            {
                Operation = operation,
            },
            operation.Outputs
        );
        return true;
    }

    /// <summary>The rows that take a step: those that its inputs have, less those that its condition keeps out.</summary>
    private RowSet? Rows(ConfigValues step, IReadOnlyList<PlannedValue> inputs)
    {
        List<RowSet> sets = [builder.RowSets.All, .. inputs.Select(input => input.Rows)];
        if (step.OptionalText("otherwise") is { } other)
        {
            if (_wrong.Contains(other))
                return null;
            if (!_decisions.TryGetValue(other, out var decided))
            {
                Report(
                    step.Path,
                    "otherwise",
                    $"expected a step that has a condition ('when'), got '{other}'."
                );
                return null;
            }
            sets.Add(
                builder.RowSets.Of(decided.Before.Decisions.Append((decided.Decision * 2) + 1))
            );
        }
        if (Meet(step.Path, "name", sets) is not { } rows)
            return null;
        if (step.OptionalText("when") is null)
            return rows;
        var name = step.Text("name");
        if (Decide(step, "when", name, rows, sets, "") is not { } decision)
            return null;
        var before = builder.Nodes[^1].Rows;
        _decisions[name] = (decision, before);
        return builder.RowSets.Of(before.Decisions.Append(decision * 2));
    }

    private int? Decide(
        ConfigValues step,
        string key,
        string name,
        RowSet rows,
        IReadOnlyList<RowSet> sets,
        string bareNamesOf
    )
    {
        var text = step.Text(key);
        List<PlannedValue> operands = [];
        try
        {
            var root = new ConditionParser(text, Resolve).Parse();
            var met = Meet(
                step.Path,
                key,
                [rows, .. sets, .. operands.Select(value => value.Rows)]
            );
            if (met is null)
                return null;
            return builder.AddDecision(
                Node(name, met, operands) with
                {
                    Condition = new Condition(text, root),
                }
            );
        }
        catch (ConditionException error)
        {
            Report(step.Path, key, error.Message);
            return null;
        }

        ConditionOperand Resolve(string value, int column)
        {
            var found =
                builder.Find(new ValueReference(bareNamesOf, value))
                ?? (ValueReference.Parse(value) is { } reference ? builder.Find(reference) : null);
            if (found is null)
            {
                string[] known =
                [
                    .. bareNamesOf.Length > 0
                        ? builder.OutputsOf(bareNamesOf)
                        : builder.OutputsOf(ValueReference.Caller).Select(o => $"inputs.{o}"),
                ];
                throw new ConditionException(
                    column,
                    $"there is no value '{value}' here{NearestName.Hint(value, known)}"
                );
            }
            operands.Add(found);
            return new ConditionOperand(found.Slot, found.Type);
        }
    }

    private List<PlannedValue>? Bind(ConfigValues step, ModelSignature signature)
    {
        var bound = step.OptionalMap("inputs");
        var names = signature.Inputs.Select(input => input.Name).ToList();
        foreach (var name in bound?.Keys ?? [])
        {
            if (names.Contains(name))
                continue;
            Report(
                $"{step.Path}.inputs",
                name,
                $"the model has no input '{name}'{NearestName.Hint(name, names)}"
            );
            return null;
        }
        List<PlannedValue> values = [];
        foreach (var input in signature.Inputs)
        {
            var text = bound is null
                ? $"{ValueReference.Caller}.{input.Name}"
                : bound.GetValueOrDefault(input.Name) as string;
            if (text is null)
            {
                Report(step.Path, "inputs", $"the model's input '{input.Name}' is missing.");
                return null;
            }
            if (Find(text, $"{step.Path}.inputs", input.Name) is not { } value)
                return null;
            var expected = PipelineValueType.Of(input);
            if (!value.Type.Fits(expected))
            {
                Report(
                    $"{step.Path}.inputs",
                    input.Name,
                    $"expected {expected}, and '{value.Name}' is {value.Type}."
                );
                return null;
            }
            values.Add(value);
        }
        return values;
    }

    private List<PlannedValue>? FindAll(ConfigValues step, string key)
    {
        List<PlannedValue> values = [];
        foreach (var text in step.List<string>(key))
        {
            if (Find(text, step.Path, key) is not { } value)
                return null;
            values.Add(value);
        }
        return values;
    }

    private bool Same(ConfigValues step, string key, List<PlannedValue> values)
    {
        var first = values[0];
        foreach (var other in values)
        {
            if (
                other.Type.Datatype == first.Type.Datatype
                && other.Type.Inner.SequenceEqual(first.Type.Inner)
            )
                continue;
            Report(
                step.Path,
                key,
                $"expected values of one datatype and shape; '{first.Name}' is {first.Type}, '{other.Name}' is {other.Type}."
            );
            return false;
        }
        return true;
    }

    private RowSet? Meet(string path, string key, IEnumerable<RowSet> sets)
    {
        var met = builder.RowSets.Meet(sets);
        if (met is null)
            Report(
                path,
                key,
                "no row can ever come here: it needs values of rows that took a step and of rows that did not."
            );
        return met;
    }

    private static PlannedNode Node(string step, RowSet rows, IReadOnlyList<PlannedValue> inputs) =>
        new()
        {
            Step = step,
            Rows = rows,
            Inputs = inputs,
            After = [],
        };
}
