using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Pipelines.Conditions;
using OrleansMl.Core.Serving.Pipelines.Operations;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>A piece of work of a pipeline; just one of decision, model, operation and merge is set.</summary>
internal sealed record PlannedNode
{
    /// <summary>The step, for messages.</summary>
    public required string Step { get; init; }

    /// <summary>The rows that it works on.</summary>
    public required RowSet Rows { get; init; }

    /// <summary>Values that it takes.</summary>
    public required IReadOnlyList<PlannedValue> Inputs { get; init; }

    /// <summary>Nodes that come before it.</summary>
    public required IReadOnlyList<int> After { get; init; }

    /// <summary>Where its outputs go.</summary>
    public IReadOnlyList<int> OutputSlots { get; init; } = [];

    /// <summary>A decision's number.</summary>
    public int Decision { get; init; } = -1;

    /// <summary>What it decides by.</summary>
    public Condition? Condition { get; init; }

    /// <summary>The model that it calls.</summary>
    public ModelStepReference? Model { get; init; }

    /// <summary>The model's inputs, in the order of <see cref="Inputs"/>.</summary>
    public IReadOnlyList<TensorSignature> ModelInputs { get; init; } = [];

    /// <summary>The model's outputs that something uses, a slot each.</summary>
    public IReadOnlyList<string> ModelOutputs { get; init; } = [];

    /// <summary>What it does without a model.</summary>
    public RowOperation? Operation { get; init; }

    /// <summary>Each row from the first input that has it.</summary>
    public bool Merges { get; init; }

    /// <summary>Gives the number, from 1, of the last of these sets that each row is in: a cascade's stage.</summary>
    public IReadOnlyList<RowSet> Stages { get; init; } = [];
}
