namespace OrleansMl.Data.Datasets;

/// <summary>The fields that mean "no value".</summary>
internal sealed class CsvMissing(IReadOnlyList<string> values)
{
    private readonly string[] _values = [.. values];
    private readonly int _longest = values.Select(v => v.Length).DefaultIfEmpty(-1).Max();

    public bool Contains(ReadOnlySpan<char> field)
    {
        var value = field.Trim();
        if (value.Length > _longest)
            return false;
        foreach (var missing in _values)
            if (value.SequenceEqual(missing))
                return true;
        return false;
    }
}
