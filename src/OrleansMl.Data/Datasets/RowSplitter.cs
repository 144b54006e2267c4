using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Finds each row's split: what its file says, what its split column says, or what the policy assigns.</summary>
internal sealed class RowSplitter
{
    private readonly SplitPolicy _policy;
    private readonly SplitAssigner _assigner;
    private readonly RowHasher? _hasher;
    private readonly int _column = -1;
    private readonly ColumnKind _kind;
    private byte[] _splits = [];
    private long _rows;

    public RowSplitter(
        DatasetImportRequest request,
        IReadOnlyList<DatasetColumn> sourceSchema,
        IReadOnlyList<DatasetColumn> schema,
        bool testGiven
    )
    {
        _policy = request.Splits;
        _assigner = new SplitAssigner(
            _policy,
            testGiven,
            request.AppendTo?.Rows ?? 0,
            request.AppendTo?.Statistics
        );
        if (_policy.Kind == SplitKind.Hash && _policy.StratifyBy is null)
            _hasher = new RowHasher(schema);
        if ((_policy.Column ?? _policy.StratifyBy) is not { } name)
            return;
        _column = sourceSchema.TakeWhile(c => c.Name != name).Count();
        if (_column == sourceSchema.Count)
            throw new InvalidInputException(
                $"splits: there is no column '{name}'; expected one of {string.Join(", ", sourceSchema.Select(c => $"'{c.Name}'"))}."
            );
        _kind = sourceSchema[_column].Kind;
        if (!ColumnText.IsCategory(_kind))
            throw new InvalidInputException(
                $"splits: column '{name}' expected the kind Text, Integer or Boolean, got {_kind}."
            );
    }

    /// <summary>A split a row, in an array that the next call fills again.</summary>
    /// <param name="batch">The source's rows.</param>
    /// <param name="columns">Their columns in the order of the dataset's schema.</param>
    public byte[] Split(SourceBatch batch, IReadOnlyList<ColumnBatch> columns)
    {
        if (_splits.Length < batch.Rows)
            _splits = new byte[batch.Rows];
        Span<char> buffer = stackalloc char[24];
        for (var row = 0; row < batch.Rows; row++, _rows++)
        {
            if (batch.GivenSplit is { } given)
            {
                _splits[row] = given;
                continue;
            }
            var value =
                _column < 0 ? default : ColumnText.Of(batch.Columns[_column], _kind, row, buffer);
            _splits[row] = _policy.Column is { } name
                ? GivenSplit.OfValue(value, name, _rows)
                : _assigner.Assign(_hasher?.Hash(columns, row) ?? 0, value);
        }
        return _splits;
    }
}
