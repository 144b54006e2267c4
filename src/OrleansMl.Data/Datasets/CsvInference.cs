using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Finds the narrowest kind that takes all of a column's first values: Integer, then Number, then Boolean, else Text.</summary>
internal sealed class CsvInference
{
    private bool _integer = true;
    private bool _number = true;
    private bool _boolean = true;
    private bool _any;

    /// <summary>The kind so far; Text, which takes whatever comes later, of a column without values.</summary>
    public ColumnKind Kind
    {
        get
        {
            if (!_any)
                return ColumnKind.Text;
            if (_integer)
                return ColumnKind.Integer;
            if (_number)
                return ColumnKind.Number;
            return _boolean ? ColumnKind.Boolean : ColumnKind.Text;
        }
    }

    /// <summary>Takes a value that is not missing into account.</summary>
    public void Add(ReadOnlySpan<char> field)
    {
        _any = true;
        if (CsvValue.HasLeadingZeros(field) && CsvValue.TryInteger(field, out _))
            _integer = _number = false;
        if (_integer)
            _integer = CsvValue.TryInteger(field, out _);
        if (_number)
            _number = CsvValue.TryNumber(field, out _);
        if (_boolean)
            _boolean = CsvValue.TryBoolean(field, loosely: false, out _);
    }
}
