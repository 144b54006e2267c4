namespace OrleansMl.Core.Training.Configuration;

/// <summary>Finds what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The name with the smallest edit distance (swaps of neighbours count one), or null when none is near: further than a third of the text, or than 2 for short texts.</summary>
    public static string? Find(string text, IEnumerable<string> names)
    {
        string? nearest = null;
        // A text of absurd length is near to nothing, and comparing it would cost its length times each name's.
        if (text.Length > 200)
            return null;
        var best = Math.Max(2, text.Length / 3) + 1;
        var lower = text.ToLowerInvariant();
        foreach (var name in names)
        {
            var distance = Distance(lower, name.ToLowerInvariant());
            if (distance < best && distance < Math.Max(text.Length, name.Length))
            {
                best = distance;
                nearest = name;
            }
        }
        return nearest;
    }

    /// <summary>Optimal string alignment distance.</summary>
    public static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }

    /// <summary><c>; did you mean 'x'?</c>, or the list of names when none is near.</summary>
    public static string Hint(string text, IReadOnlyCollection<string> names) =>
        Find(text, names) is { } nearest ? $"; did you mean '{nearest}'?"
        : names.Count <= 12 ? $"; expected one of {string.Join(", ", names)}."
        : ".";
}
