using System.Diagnostics.CodeAnalysis;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Checks a pipeline as a whole against the models that it names, and makes its plan. All that is wrong is found at once, as far as it does not follow from something else.</summary>
public static class PipelinePlanner
{
    /// <summary>Plans; false with every error when something is wrong.</summary>
    /// <param name="document">The pipeline.</param>
    /// <param name="signatures">What the models take and give; null where there is no such model.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="errors">What is wrong, in the document's order.</param>
    public static bool TryPlan(
        PipelineDocument document,
        IReadOnlyDictionary<ModelStepReference, ModelSignature?> signatures,
        [NotNullWhen(true)] out PipelinePlan? plan,
        out IReadOnlyList<ConfigurationError> errors
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(signatures);
        var reading = new ConfigReading(PipelineLimits.Document, document.Reading.Places);
        plan = Plan(document, signatures, reading);
        errors = reading.Errors();
        if (reading.Failed)
            plan = null;
        return plan is not null;
    }

    private static PipelinePlan? Plan(
        PipelineDocument document,
        IReadOnlyDictionary<ModelStepReference, ModelSignature?> signatures,
        ConfigReading reading
    )
    {
        var values = document.Values;
        if (Steps(values, reading) is not { } steps)
            return null;
        if (new StepOrder(steps, reading).Sort() is not { } ordered)
            return null;
        var models = new ModelSignatureReader(signatures, reading);
        var builder = new PlanBuilder();
        var inputs = new CallerInputs(values, ordered, models).Add(builder);
        var planner = new StepPlanner(builder, models, reading, steps.Keys);
        foreach (var step in ordered)
            planner.Plan(step);
        if (reading.Failed)
            return null;
        var outputs = Outputs(values, planner);
        CheckSize(values, ordered, builder, reading);
        if (reading.Failed)
            return null;
        var needed = builder.Needed(outputs.Select(output => output.Value));
        CheckNeeded(steps, builder, needed, reading);
        return new PipelinePlan(
            document,
            Signature(values, inputs, outputs, models, reading),
            Prune(builder, outputs),
            [.. outputs.Select(output => output.Value)],
            builder.Slots,
            builder.Decisions,
            builder.RowSets.Count
        );
    }

    private static Dictionary<string, ConfigValues>? Steps(
        ConfigValues document,
        ConfigReading reading
    )
    {
        var steps = new Dictionary<string, ConfigValues>();
        foreach (var step in document.List<ConfigValues>("steps"))
        {
            var name = step.Text("name");
            if (name == ValueReference.Caller)
                reading.ReportKey(
                    step.Path,
                    "name",
                    "'inputs' stands for what the caller gives; choose another name."
                );
            else if (!steps.TryAdd(name, step))
                reading.ReportKey(
                    step.Path,
                    "name",
                    $"there are two steps '{name}'; names must differ."
                );
        }
        return reading.Failed ? null : steps;
    }

    private static List<(string Name, PlannedValue Value)> Outputs(
        ConfigValues document,
        StepPlanner planner
    )
    {
        List<(string, PlannedValue)> outputs = [];
        foreach (var (name, reference) in document.OptionalMap("outputs")!)
        {
            if (planner.Find((string)reference, "outputs", name) is not { } value)
                continue;
            if (value.Rows.IsAll)
                outputs.Add((name, value));
            else
                planner.Report(
                    "outputs",
                    name,
                    $"'{value.Name}' exists only for rows that took its step; put it together with what the others get in a step of type merge."
                );
        }
        return outputs;
    }

    private static void CheckSize(
        ConfigValues document,
        IReadOnlyList<ConfigValues> steps,
        PlanBuilder builder,
        ConfigReading reading
    )
    {
        var count = steps.Sum(step =>
            step.Text("type") == PipelineKeys.Cascade ? step.List<ConfigValues>("stages").Count : 1
        );
        if (count > PipelineLimits.MaxSteps)
            reading.ReportKey(
                document.Path,
                "steps",
                $"expected at most {PipelineLimits.MaxSteps} steps, the stages of cascades counted each, got {count}."
            );
        if (builder.Depth > PipelineLimits.MaxDepth)
            reading.ReportKey(
                document.Path,
                "steps",
                $"expected a chain of at most {PipelineLimits.MaxDepth} steps and decisions, got {builder.Depth}."
            );
    }

    private static void CheckNeeded(
        Dictionary<string, ConfigValues> steps,
        PlanBuilder builder,
        bool[] needed,
        ConfigReading reading
    )
    {
        var used = builder
            .Nodes.Where((node, i) => needed[i] && node.Decision < 0)
            .Select(node => node.Step)
            .ToHashSet();
        foreach (var (name, step) in steps.Where(step => !used.Contains(step.Key)))
            reading.ReportKey(
                step.Path,
                "name",
                $"no output needs the step '{name}'; use what it gives, or remove it."
            );
    }

    /// <summary>Models are asked for the outputs that something uses, and for no others.</summary>
    private static IReadOnlyList<PlannedNode> Prune(
        PlanBuilder builder,
        List<(string Name, PlannedValue Value)> outputs
    )
    {
        var used = builder
            .Nodes.SelectMany(node => node.Inputs)
            .Concat(outputs.Select(output => output.Value))
            .Select(value => value.Slot)
            .ToHashSet();
        return
        [
            .. builder.Nodes.Select(node =>
                node.Model is null
                    ? node
                    : node with
                    {
                        ModelOutputs =
                        [
                            .. node.ModelOutputs.Where(
                                (_, i) => used.Contains(node.OutputSlots[i])
                            ),
                        ],
                        OutputSlots = [.. node.OutputSlots.Where(used.Contains)],
                    }
            ),
        ];
    }

    private static ModelSignature Signature(
        ConfigValues document,
        IReadOnlyList<TensorSignature> inputs,
        List<(string Name, PlannedValue Value)> outputs,
        ModelSignatureReader models,
        ConfigReading reading
    )
    {
        if (inputs.Count == 0)
            reading.ReportKey(
                document.Path,
                "steps",
                "no step uses anything that the caller gives; expected an input, inputs.name."
            );
        return new ModelSignature
        {
            Inputs = inputs,
            Outputs = [.. outputs.Select(output => output.Value.Type.ToSignature(output.Name))],
            Task = document.OptionalText("task") ?? models.CommonTask,
            ClassLabels = document.OptionalTexts("class_labels") ?? models.CommonLabels,
        };
    }
}
