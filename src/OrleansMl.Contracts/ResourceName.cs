using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Contracts;

/// <summary>
/// The rule for names of datasets, models and runs: 1 to 100 characters, lower-case letters, digits, <c>.</c>, <c>_</c>
/// and <c>-</c>, beginning with a letter or digit. They stand in URLs, file names and grain keys unescaped.
/// </summary>
public static class ResourceName
{
    /// <summary>The most characters that a name has.</summary>
    public const int MaxLength = 100;

    /// <summary>Whether the text is a valid name.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name)
    {
        if (name is not { Length: > 0 and <= MaxLength } || !char.IsAsciiLetterOrDigit(name[0]))
            return false;
        foreach (var c in name)
        {
            if (
                !char.IsAsciiLetterLower(c)
                && !char.IsAsciiDigit(c)
                && c is not ('.' or '_' or '-')
            )
                return false;
        }
        return true;
    }

    /// <summary>Returns the name, or throws an error that names the thing, the rule and what came.</summary>
    /// <exception cref="FormatException">The name breaks the rule.</exception>
    public static string Check(string? name, string what) =>
        IsValid(name)
            ? name
            : throw new FormatException(
                $"'{name}' is not a {what} name: expected 1 to {MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
}
