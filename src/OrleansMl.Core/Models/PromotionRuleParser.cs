using System.Globalization;

namespace OrleansMl.Core.Models;

/// <summary>Reads a promotion rule by recursive descent; a rule of more than <see cref="MaxLength"/> characters or nested deeper than <see cref="MaxDepth"/> is refused.</summary>
internal sealed class PromotionRuleParser(string text)
{
    public const int MaxLength = 2_000;
    public const int MaxDepth = 50;

    private const string Champion = "champion";
    private static readonly string[] Splits = ["train", "validation", "test"];
    private int _position;
    private int _depth;

    public PromotionNode Parse()
    {
        if (text.Length > MaxLength)
            throw Error(
                MaxLength,
                $"a rule has at most {MaxLength} characters, got {text.Length}."
            );
        var node = ParseAny();
        SkipSpace();
        if (_position < text.Length)
            throw Error(_position, $"expected 'and', 'or' or the end, got {Next()}.");
        return node;
    }

    private PromotionNode ParseAny()
    {
        List<PromotionNode> parts = [ParseAll()];
        while (TakeWord("or"))
            parts.Add(ParseAll());
        return parts.Count == 1 ? parts[0] : new PromotionAny(parts);
    }

    private PromotionNode ParseAll()
    {
        List<PromotionNode> parts = [ParseUnary()];
        while (TakeWord("and"))
            parts.Add(ParseUnary());
        return parts.Count == 1 ? parts[0] : new PromotionAll(parts);
    }

    private PromotionNode ParseUnary()
    {
        if (++_depth > MaxDepth)
            throw Error(_position, $"a rule nests at most {MaxDepth} deep.");
        try
        {
            if (TakeWord("not"))
                return new PromotionNot(ParseUnary());
            SkipSpace();
            if (_position >= text.Length || text[_position] != '(')
                return ParseComparison();
            var open = _position++;
            var inner = ParseAny();
            SkipSpace();
            if (_position >= text.Length || text[_position] != ')')
                throw Error(
                    _position,
                    $"expected ')' for the '(' at column {open + 1}, got {Next()}."
                );
            _position++;
            return inner;
        }
        finally
        {
            _depth--;
        }
    }

    private PromotionComparison ParseComparison()
    {
        var left = ParseSum();
        SkipSpace();
        var at = _position;
        foreach (var op in (ReadOnlySpan<string>)[">=", "<=", "==", "!=", ">", "<"])
        {
            if (!text.AsSpan(_position).StartsWith(op, StringComparison.Ordinal))
                continue;
            _position += op.Length;
            return new PromotionComparison(left, op, ParseSum());
        }
        throw Error(at, $"expected a comparison (>=, <=, >, <, ==, !=), got {Next()}.");
    }

    private List<PromotionTerm> ParseSum()
    {
        List<PromotionTerm> terms = [];
        var sign = 1;
        SkipSpace();
        if (_position < text.Length && text[_position] == '-')
        {
            sign = -1;
            _position++;
        }
        while (true)
        {
            terms.Add(ParseTerm(sign));
            SkipSpace();
            if (_position >= text.Length || text[_position] is not ('+' or '-'))
                return terms;
            sign = text[_position++] == '+' ? 1 : -1;
        }
    }

    private PromotionTerm ParseTerm(int sign)
    {
        SkipSpace();
        var start = _position;
        if (
            _position < text.Length
            && (char.IsAsciiDigit(text[_position]) || text[_position] == '.')
        )
        {
            var number = TakeNumber();
            return
                double.TryParse(
                    number,
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                    CultureInfo.InvariantCulture,
                    out var value
                ) && double.IsFinite(value)
                ? new PromotionTerm(number, sign, value, false, null, "")
                : throw Error(start, $"'{number}' is not a number.");
        }
        while (_position < text.Length && IsNamePart(text[_position]))
            _position++;
        var name = text[start.._position];
        if (name.Length == 0)
            throw Error(start, $"expected a metric or a number, got {Next()}.");
        if (name is "and" or "or" or "not")
            throw Error(start, $"expected a metric or a number, got '{name}'.");
        return ReadMetric(name, start, sign);
    }

    private static PromotionTerm ReadMetric(string name, int start, int sign)
    {
        var parts = name.Split('.');
        var index = 0;
        var ofChampion = parts[0] == Champion;
        if (ofChampion)
            index++;
        string? split = null;
        if (parts.Length - index > 1)
        {
            split = parts[index++];
            if (!Splits.Contains(split))
                throw Error(
                    start,
                    $"'{name}': expected a split (train, validation or test) before the metric, got '{split}'."
                );
        }
        if (parts.Length - index != 1 || parts[index].Length == 0)
            throw Error(
                start,
                $"'{name}' is not a metric: expected [champion.][split.]metric, for example champion.test.accuracy."
            );
        return new PromotionTerm(name, sign, null, ofChampion, split, parts[index]);
    }

    private string TakeNumber()
    {
        var start = _position;
        while (
            _position < text.Length
            && (
                char.IsAsciiLetterOrDigit(text[_position])
                || text[_position] == '.'
                || (text[_position] is '+' or '-' && text[_position - 1] is 'e' or 'E')
            )
        )
            _position++;
        return text[start.._position];
    }

    private bool TakeWord(string word)
    {
        SkipSpace();
        var end = _position + word.Length;
        if (
            !text.AsSpan(_position).StartsWith(word, StringComparison.Ordinal)
            || (end < text.Length && IsNamePart(text[end]))
        )
            return false;
        _position = end;
        return true;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
    }

    private string Next() =>
        _position >= text.Length ? "the end of the rule" : $"'{text[_position]}'";

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

    private static PromotionRuleException Error(int position, string message) =>
        new(new PromotionRuleError(position + 1, message));
}
