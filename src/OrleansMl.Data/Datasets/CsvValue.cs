using System.Globalization;

namespace OrleansMl.Data.Datasets;

/// <summary>Reads fields of a CSV file as values, in invariant form, spaces around them passed over.</summary>
internal static class CsvValue
{
    /// <summary>A whole number of 64 bits.</summary>
    public static bool TryInteger(ReadOnlySpan<char> field, out long value) =>
        long.TryParse(
            field,
            NumberStyles.AllowLeadingSign
                | NumberStyles.AllowLeadingWhite
                | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture,
            out value
        );

    /// <summary>A number, which may be NaN or infinite; also <c>nan</c> and <c>inf</c>, as other programs write them.</summary>
    public static bool TryNumber(ReadOnlySpan<char> field, out double value)
    {
        if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return true;
        var word = field.Trim().TrimStart("+-");
        if (
            !word.Equals("inf", StringComparison.OrdinalIgnoreCase)
            && !word.Equals("infinity", StringComparison.OrdinalIgnoreCase)
            && !word.Equals("nan", StringComparison.OrdinalIgnoreCase)
        )
            return false;
        value = double.NaN;
        return true;
    }

    /// <summary><c>true</c> or <c>false</c>; loosely also 1, 0, yes, no, t, f, y, n; in any case.</summary>
    public static bool TryBoolean(ReadOnlySpan<char> field, bool loosely, out bool value)
    {
        var word = field.Trim();
        if (bool.TryParse(word, out value))
            return true;
        if (!loosely)
            return false;
        value = IsAny(word, "1", "yes", "t", "y");
        return value || IsAny(word, "0", "no", "f", "n");
    }

    /// <summary>Whether this is a number whose zeros in front a number would lose: a post code, an article's number.</summary>
    public static bool HasLeadingZeros(ReadOnlySpan<char> field) =>
        field.Trim().TrimStart("+-") is ['0', >= '0' and <= '9', ..];

    private static bool IsAny(ReadOnlySpan<char> word, params ReadOnlySpan<string> words)
    {
        foreach (var candidate in words)
            if (word.Equals(candidate, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
