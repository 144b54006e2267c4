using System.Globalization;

namespace OrleansMl.Core.Operations;

/// <summary>
/// The words, numbers, names and signs of a small expression, taken from left to right; its errors have their place. What may follow what is the
/// parsers' affair: conditions of pipelines, rules of promotion.
/// </summary>
/// <param name="text">The expression.</param>
/// <param name="what">What it is, for errors: <c>rule</c>.</param>
/// <param name="maxDepth">How deep it may nest: its parsers recurse.</param>
/// <param name="error">Makes the error of a column, counted from 1, and a message.</param>
internal sealed class ExpressionText(
    string text,
    string what,
    int maxDepth,
    Func<int, string, Exception> error
)
{
    private static readonly string[] Comparisons = [">=", "<=", "==", "!=", ">", "<"];
    private int _depth;

    /// <summary>Where reading is, from 0.</summary>
    public int Position { get; private set; }

    /// <summary>Characters in all.</summary>
    public int Length => text.Length;

    /// <summary>The next character after spaces, not taken; null: the end.</summary>
    public char? Peek
    {
        get
        {
            while (Position < text.Length && char.IsWhiteSpace(text[Position]))
                Position++;
            return Position < text.Length ? text[Position] : null;
        }
    }

    /// <summary>The next character for an error's text.</summary>
    public string Next => Peek is { } next ? $"'{next}'" : $"the end of the {what}";

    /// <summary>An error at a place, from 0.</summary>
    public Exception Error(int position, string message) => error(position + 1, message);

    /// <summary>One deeper; every one is left again by <see cref="Leave"/>, unless an error ends all.</summary>
    public void Enter()
    {
        if (++_depth > maxDepth)
            throw Error(Position, $"a {what} nests at most {maxDepth} deep.");
    }

    /// <summary>One less deep.</summary>
    public void Leave() => _depth--;

    /// <summary>Takes a character where it is the next.</summary>
    public bool Take(char character)
    {
        if (Peek != character)
            return false;
        Position++;
        return true;
    }

    /// <summary>Takes the next character where it is one of two.</summary>
    public char? TakeEither(char first, char second)
    {
        if (Peek is not { } next || (next != first && next != second))
            return null;
        Position++;
        return next;
    }

    /// <summary>Takes a word where it is the next and whole.</summary>
    public bool TakeWord(string word)
    {
        _ = Peek;
        var end = Position + word.Length;
        if (
            !text.AsSpan(Position).StartsWith(word, StringComparison.Ordinal)
            || (end < text.Length && IsNamePart(text[end]))
        )
            return false;
        Position = end;
        return true;
    }

    /// <summary>Takes a comparison; null: there is none.</summary>
    public string? TakeComparison()
    {
        _ = Peek;
        var taken = Comparisons.FirstOrDefault(sign =>
            text.AsSpan(Position).StartsWith(sign, StringComparison.Ordinal)
        );
        Position += taken?.Length ?? 0;
        return taken;
    }

    /// <summary>Takes a name: letters, digits, <c>_</c> and <c>.</c>; empty: there is none.</summary>
    public string TakeName()
    {
        _ = Peek;
        var start = Position;
        while (Position < text.Length && IsNamePart(text[Position]))
            Position++;
        return text[start..Position];
    }

    /// <summary>Takes a number without a sign, and how it is written.</summary>
    public (string Text, double Value) TakeNumber()
    {
        _ = Peek;
        var start = Position;
        while (
            Position < text.Length
            && (
                char.IsAsciiLetterOrDigit(text[Position])
                || text[Position] == '.'
                || (text[Position] is '+' or '-' && text[Position - 1] is 'e' or 'E')
            )
        )
            Position++;
        var number = text[start..Position];
        return
            double.TryParse(
                number,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out var value
            ) && double.IsFinite(value)
            ? (number, value)
            : throw Error(start, $"'{number}' is not a number.");
    }

    /// <summary>Takes what stands between two quotes, the next of which is the first.</summary>
    public string TakeQuoted(char quote)
    {
        var start = ++Position;
        var end = text.IndexOf(quote, start);
        if (end < 0)
            throw Error(start - 1, $"the quote {quote} is not closed.");
        Position = end + 1;
        return text[start..end];
    }

    /// <summary>Takes the <c>)</c> of the <c>(</c> at a place.</summary>
    public void Close(int open)
    {
        if (!Take(')'))
            throw Error(Position, $"expected ')' for the '(' at column {open + 1}, got {Next}.");
    }

    /// <summary>Requires that nothing follows.</summary>
    public void End()
    {
        if (Peek is not null)
            throw Error(Position, $"expected 'and', 'or' or the end, got {Next}.");
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';
}
