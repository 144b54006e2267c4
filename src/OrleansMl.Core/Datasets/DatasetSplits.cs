namespace OrleansMl.Core.Datasets;

/// <summary>The three splits: their numbers in shards and their names.</summary>
public static class DatasetSplits
{
    /// <summary>The rows that train.</summary>
    public const byte Train = 0;

    /// <summary>The rows that choose between models and stop training early.</summary>
    public const byte Validation = 1;

    /// <summary>The rows that judge a finished model.</summary>
    public const byte Test = 2;

    /// <summary>The column of a shard that holds each row's split; no dataset column may have this name.</summary>
    public const string ColumnName = "__split";

    /// <summary>The names, by number.</summary>
    public static IReadOnlyList<string> Names { get; } = ["train", "validation", "test"];

    /// <summary>Reads a split's name (also <c>training</c>, <c>valid</c>, <c>val</c>, <c>dev</c>, <c>testing</c>) or number, in any case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out byte split)
    {
        Span<char> lower = stackalloc char[16];
        var length = text.Length <= lower.Length ? text.ToLowerInvariant(lower) : -1;
        split = Train;
        if (length < 0)
            return false;
        switch (lower[..length])
        {
            case "train" or "training" or "0":
                return true;
            case "validation" or "valid" or "val" or "dev" or "1":
                split = Validation;
                return true;
            case "test" or "testing" or "2":
                split = Test;
                return true;
            default:
                return false;
        }
    }

    /// <summary>The split that a file's name tells by one of its words, as in <c>train.csv</c>, <c>churn-test.csv.gz</c> or <c>t10k-images-idx3-ubyte</c>; null when it tells none.</summary>
    public static byte? OfFileName(string name)
    {
        var file = name.AsSpan(name.AsSpan().LastIndexOfAny('/', '\\') + 1);
        foreach (var range in file.SplitAny("-_. "))
        {
            var word = file[range];
            if (word.Equals("t10k", StringComparison.OrdinalIgnoreCase))
                return Test;
            // A lone number is a part or a year, not a split.
            if (word.Length > 1 && TryParse(word, out var split))
                return split;
        }
        return null;
    }
}
