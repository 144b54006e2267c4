using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>A pipeline that was checked against the models that it names, ready to run. Immutable.</summary>
public sealed class PipelinePlan
{
    internal PipelinePlan(
        PipelineDocument document,
        ModelSignature signature,
        IReadOnlyList<PlannedNode> nodes,
        IReadOnlyList<PlannedValue> outputs,
        int slots,
        int decisions,
        int rowSets
    )
    {
        Document = document;
        Signature = signature;
        Nodes = nodes;
        Outputs = outputs;
        Slots = slots;
        Decisions = decisions;
        RowSets = rowSets;
    }

    /// <summary>As written.</summary>
    public PipelineDocument Document { get; }

    /// <summary>What it takes and gives, as any model.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Each after those that it needs.</summary>
    internal IReadOnlyList<PlannedNode> Nodes { get; }

    /// <summary>In the signature's order.</summary>
    internal IReadOnlyList<PlannedValue> Outputs { get; }

    internal int Slots { get; }

    internal int Decisions { get; }

    internal int RowSets { get; }
}
