namespace OrleansMl.Data.Datasets;

/// <summary>Gives repeated short texts of a source the same string, up to a bounded number of them. Not thread-safe.</summary>
internal sealed class TextPool
{
    private const int LongestKept = 64;
    private const int MostKept = 65_536;

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _texts =
        new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestKept)
            return text.ToString();
        if (_texts.TryGetValue(text, out var known))
            return known;
        var made = text.ToString();
        if (_texts.Set.Count < MostKept)
            _texts.Set.Add(made);
        return made;
    }
}
