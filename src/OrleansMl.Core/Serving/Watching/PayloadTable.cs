using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>
/// Copied calls as rows of a data set: the inputs under their own names, so that a model can be trained on them, the outputs with
/// <c>output_</c> before theirs, and about the call <c>call_id</c>, <c>call_row</c>, <c>call_time</c> (milliseconds since 1970), <c>call_version</c>,
/// <c>call_reference</c> and, where asked for, <c>call_caller</c>. Not thread-safe.
/// </summary>
public sealed class PayloadTable
{
    // What a row takes beside its tensors, roughly: its texts and numbers.
    private const int RowBytes = 200;

    private readonly PayloadPolicy _policy;
    private readonly List<PayloadColumn> _about;
    private readonly PayloadColumn _caller = PayloadColumn.Text("call_caller");
    private readonly List<(string Tensor, bool IsOutput, PayloadColumn Column)> _tensors = [];
    private readonly List<byte> _splits = [];
    private readonly int _wanted;
    private readonly SplitAssigner _splitter = new(new SplitPolicy());

    /// <summary>A table for calls like this one.</summary>
    public PayloadTable(WatchedCall call, PayloadPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
        _about =
        [
            PayloadColumn.Text("call_id"),
            PayloadColumn.Integer("call_row"),
            PayloadColumn.Integer("call_time"),
            PayloadColumn.Integer("call_version"),
            PayloadColumn.Text("call_reference"),
        ];
        var names = new HashSet<string>(_about.Select(c => c.Column.Name))
        {
            _caller.Column.Name,
            DatasetSplits.ColumnName,
        };
        foreach (var (tensor, isOutput) in Wanted(call))
        {
            _wanted++;
            var name = isOutput ? $"output_{tensor.Name}" : tensor.Name;
            if (names.Add(name) && PayloadColumn.For(name, tensor) is { } column)
                _tensors.Add((tensor.Name, isOutput, column));
        }
    }

    /// <summary>Rows so far.</summary>
    public int Rows => _splits.Count;

    /// <summary>Bytes that the rows take, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>The columns.</summary>
    public IReadOnlyList<DatasetColumn> Schema =>
        [
            .. _about.Select(c => c.Column),
            .. _policy.Caller ? [_caller.Column] : Array.Empty<DatasetColumn>(),
            .. _tensors.Select(t => t.Column.Column),
        ];

    /// <summary>The bytes that a call would take.</summary>
    public static long BytesOf(WatchedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return (RowsOf(call) * (long)RowBytes)
            + call.Inputs.Concat(call.Outputs).Sum(tensor => (long)tensor.Data.Length);
    }

    /// <summary>Adds a call's rows; false, and nothing is added, when its tensors are not like those of the table's first call.</summary>
    public bool TryAdd(WatchedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var rows = RowsOf(call);
        var tensors = new InferenceTensor[_tensors.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var (name, isOutput, column) = _tensors[i];
            var found = (isOutput ? call.Outputs : call.Inputs).FirstOrDefault(t => t.Name == name);
            if (found is null || !column.Fits(found) || found.Shape[0] != rows)
                return false;
            tensors[i] = found;
        }
        if (Wanted(call).Count() != _wanted)
            return false;
        for (var i = 0; i < tensors.Length; i++)
            _tensors[i].Column.Add(tensors[i]);
        for (var row = 0; row < rows; row++)
        {
            _about[0].Add(call.CallId);
            _about[1].Add(row);
            _about[2].Add(call.At.ToUnixTimeMilliseconds());
            _about[3].Add(call.Version.Version);
            _about[4].Add(call.Reference.Length == 0 ? null : call.Reference);
            _caller.Add(call.Caller);
            _splits.Add(_splitter.Assign(Hash(call.CallId, row), ""));
        }
        Bytes += BytesOf(call);
        return true;
    }

    /// <summary>The rows.</summary>
    public DatasetBatch ToBatch() =>
        new(
            Rows,
            [.. _splits],
            [
                .. _about.Select(c => c.ToBatch()),
                .. _policy.Caller ? [_caller.ToBatch()] : Array.Empty<ColumnBatch>(),
                .. _tensors.Select(t => t.Column.ToBatch()),
            ]
        );

    private IEnumerable<(InferenceTensor Tensor, bool IsOutput)> Wanted(WatchedCall call) =>
        call
            .Inputs.Select(tensor => (tensor, false))
            .Concat(call.Outputs.Select(tensor => (tensor, true)))
            .Where(t =>
                !_policy.Exclude.Contains(t.tensor.Name)
                && PayloadColumn.For("", t.tensor) is not null
                && t.tensor.Shape[0] == RowsOf(call)
            );

    private static int RowsOf(WatchedCall call) =>
        call.Inputs.Count == 0 ? 0 : TensorElement.Rows(call.Inputs[0]);

    private static ulong Hash(string id, int row)
    {
        var hash = (ulong)row;
        foreach (var c in id)
            hash = SplitAssigner.Mix(hash ^ c);
        return hash;
    }
}
