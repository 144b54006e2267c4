namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>The values, nodes and row sets of a plan while it is made.</summary>
internal sealed class PlanBuilder
{
    private readonly Dictionary<(string Step, string Tensor), PlannedValue> _values = [];
    private readonly List<PlannedNode> _nodes = [];
    private readonly List<int> _depths = [];
    private readonly List<int> _decisionNodes = [];

    public RowSets RowSets { get; } = new();

    public IReadOnlyList<PlannedNode> Nodes => _nodes;

    public int Slots => _values.Count;

    public int Decisions => _decisionNodes.Count;

    /// <summary>Nodes of the longest chain.</summary>
    public int Depth => _depths.Count == 0 ? 0 : _depths.Max();

    public PlannedValue? Find(ValueReference reference) =>
        _values.GetValueOrDefault((reference.Step, reference.Tensor));

    public IEnumerable<string> OutputsOf(string step) =>
        _values.Keys.Where(key => key.Step == step).Select(key => key.Tensor);

    public PlannedValue AddInput(string name, PipelineValueType type) =>
        AddValue(ValueReference.Caller, name, type, RowSets.All, -1);

    /// <summary>Adds a decision; returns its number.</summary>
    public int AddDecision(PlannedNode node)
    {
        var decision = _decisionNodes.Count;
        _decisionNodes.Add(_nodes.Count);
        AddNode(node with { Decision = decision });
        return decision;
    }

    /// <summary>Adds a node and the values that it gives.</summary>
    public IReadOnlyList<PlannedValue> Add(
        string step,
        PlannedNode node,
        IEnumerable<(string Name, PipelineValueType Type)> outputs
    )
    {
        var producer = _nodes.Count;
        List<PlannedValue> values =
        [
            .. outputs.Select(o => AddValue(step, o.Name, o.Type, node.Rows, producer)),
        ];
        AddNode(node with { OutputSlots = [.. values.Select(value => value.Slot)] });
        return values;
    }

    /// <summary>The nodes that the outputs need, by number.</summary>
    public bool[] Needed(IEnumerable<PlannedValue> outputs)
    {
        var needed = new bool[_nodes.Count];
        foreach (var output in outputs.Where(output => output.Producer >= 0))
            needed[output.Producer] = true;
        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            if (!needed[i])
                continue;
            foreach (var before in _nodes[i].After)
                needed[before] = true;
        }
        return needed;
    }

    private void AddNode(PlannedNode node)
    {
        int[] after =
        [
            .. node
                .Inputs.Select(input => input.Producer)
                .Where(producer => producer >= 0)
                .Concat(node.Rows.Decisions.Select(d => _decisionNodes[d / 2]))
                .Concat(node.Stages.SelectMany(s => s.Decisions).Select(d => _decisionNodes[d / 2]))
                .Distinct(),
        ];
        _nodes.Add(node with { After = after });
        _depths.Add(1 + after.Select(i => _depths[i]).DefaultIfEmpty().Max());
    }

    private PlannedValue AddValue(
        string step,
        string name,
        PipelineValueType type,
        RowSet rows,
        int producer
    )
    {
        var value = new PlannedValue(_values.Count, $"{step}.{name}", type, rows, producer);
        _values[(step, name)] = value;
        return value;
    }
}
