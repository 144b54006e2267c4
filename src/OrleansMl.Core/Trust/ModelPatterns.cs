using System.IO.Enumeration;
using OrleansMl.Contracts;

namespace OrleansMl.Core.Trust;

/// <summary>Which models a key or token may touch: names, with <c>*</c> for any characters. Immutable.</summary>
public sealed class ModelPatterns
{
    /// <summary>The most patterns.</summary>
    public const int MaxCount = 100;

    private readonly string[] _patterns;

    /// <summary>Takes the patterns; no pattern at all permits no model.</summary>
    public ModelPatterns(IEnumerable<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        _patterns = [.. patterns];
        All = _patterns.Contains("*");
    }

    /// <summary>Every model.</summary>
    public static ModelPatterns Any { get; } = new(["*"]);

    /// <summary>Whether every model is permitted.</summary>
    public bool All { get; }

    /// <summary>The patterns.</summary>
    public IReadOnlyList<string> Patterns => _patterns;

    /// <summary>Whether the model is permitted.</summary>
    public bool Permit(ReadOnlySpan<char> model)
    {
        if (All)
            return true;
        foreach (var pattern in _patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, model, ignoreCase: false))
                return true;
        }
        return false;
    }

    /// <summary>Whether every model of another pattern is permitted: one of these patterns, or a plain name that is.</summary>
    public bool Include(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return All
            || _patterns.Contains(pattern)
            || (!pattern.Contains('*', StringComparison.Ordinal) && Permit(pattern));
    }

    /// <summary>What is wrong with patterns that a caller gave.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        if (patterns.Count is < 1 or > MaxCount)
            yield return $"models: expected 1 to {MaxCount} patterns, got {patterns.Count}.";
        foreach (
            var pattern in patterns.Where(pattern =>
                !ResourceName.IsValid(pattern?.Replace('*', 'x'))
            )
        )
            yield return $"models: expected model names, '*' for any characters, got '{pattern}'.";
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _patterns);
}
