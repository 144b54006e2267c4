namespace OrleansMl.Data.Datasets;

/// <summary>Finds which of comma, semicolon and tab separates a file's fields.</summary>
internal static class CsvDelimiter
{
    private const int Lines = 20;

    private static readonly char[] Candidates = [',', ';', '\t'];

    /// <summary>The candidate that stands equally often, and most often, in each of the first lines outside quotes; the comma when none does.</summary>
    public static char Detect(ReadOnlySpan<char> sample, bool ended)
    {
        var counts = Count(sample, ended);
        var best = Candidates[0];
        var bestScore = 0;
        foreach (var (candidate, i) in Candidates.Select((c, i) => (c, i)))
        {
            if (counts.Count == 0 || counts[0][i] == 0)
                continue;
            var alike = counts.All(line => line[i] == counts[0][i]);
            // Being alike on every line weighs more than any number in the header.
            var score = counts[0][i] + (alike ? sample.Length : 0);
            if (score > bestScore)
                (best, bestScore) = (candidate, score);
        }
        return best;
    }

    private static List<int[]> Count(ReadOnlySpan<char> sample, bool ended)
    {
        var lines = new List<int[]>();
        var line = new int[Candidates.Length];
        var quoted = false;
        var empty = true;
        foreach (var c in sample)
        {
            if (c == '"')
                quoted = !quoted;
            if (quoted)
            {
                empty = false;
                continue;
            }
            if (c is '\n' or '\r')
            {
                if (!empty)
                    lines.Add(line);
                if (lines.Count == Lines)
                    return lines;
                line = new int[Candidates.Length];
                empty = true;
                continue;
            }
            empty = false;
            var candidate = Array.IndexOf(Candidates, c);
            if (candidate >= 0)
                line[candidate]++;
        }
        // The sample may stop inside its last line, unless it is the only one.
        if (!empty && (ended || lines.Count == 0))
            lines.Add(line);
        return lines;
    }
}
