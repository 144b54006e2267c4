using OrleansMl.Core.Operations;

namespace OrleansMl.Core.Models;

/// <summary>Reads a promotion rule by recursive descent; a rule of more than <see cref="MaxLength"/> characters or nested deeper than <see cref="MaxDepth"/> is refused.</summary>
internal sealed class PromotionRuleParser(string text)
{
    public const int MaxLength = 2_000;
    public const int MaxDepth = 50;

    private const string Champion = "champion";
    private static readonly string[] Splits = ["train", "validation", "test"];
    private readonly ExpressionText _text = new(
        text,
        "rule",
        MaxDepth,
        (column, message) => new PromotionRuleException(new PromotionRuleError(column, message))
    );

    public PromotionNode Parse()
    {
        if (_text.Length > MaxLength)
            throw _text.Error(
                MaxLength,
                $"a rule has at most {MaxLength} characters, got {_text.Length}."
            );
        var node = ParseAny();
        _text.End();
        return node;
    }

    private PromotionNode ParseAny()
    {
        List<PromotionNode> parts = [ParseAll()];
        while (_text.TakeWord("or"))
            parts.Add(ParseAll());
        return parts.Count == 1 ? parts[0] : new PromotionAny(parts);
    }

    private PromotionNode ParseAll()
    {
        List<PromotionNode> parts = [ParseUnary()];
        while (_text.TakeWord("and"))
            parts.Add(ParseUnary());
        return parts.Count == 1 ? parts[0] : new PromotionAll(parts);
    }

    private PromotionNode ParseUnary()
    {
        _text.Enter();
        var node = ParseInner();
        _text.Leave();
        return node;
    }

    private PromotionNode ParseInner()
    {
        if (_text.TakeWord("not"))
            return new PromotionNot(ParseUnary());
        if (!_text.Take('('))
            return ParseComparison();
        var open = _text.Position - 1;
        var inner = ParseAny();
        _text.Close(open);
        return inner;
    }

    private PromotionComparison ParseComparison()
    {
        var left = ParseSum();
        return _text.TakeComparison() is { } comparison
            ? new PromotionComparison(left, comparison, ParseSum())
            : throw _text.Error(
                _text.Position,
                $"expected a comparison (>=, <=, >, <, ==, !=), got {_text.Next}."
            );
    }

    private List<PromotionTerm> ParseSum()
    {
        List<PromotionTerm> terms = [];
        var sign = _text.Take('-') ? -1 : 1;
        while (true)
        {
            terms.Add(ParseTerm(sign));
            if (_text.TakeEither('+', '-') is not { } next)
                return terms;
            sign = next == '+' ? 1 : -1;
        }
    }

    private PromotionTerm ParseTerm(int sign)
    {
        if (_text.Peek is '.' or (>= '0' and <= '9'))
        {
            var (number, value) = _text.TakeNumber();
            return new PromotionTerm(number, sign, value, false, null, "");
        }
        var start = _text.Position;
        var name = _text.TakeName();
        if (name.Length == 0)
            throw _text.Error(start, $"expected a metric or a number, got {_text.Next}.");
        if (name is "and" or "or" or "not")
            throw _text.Error(start, $"expected a metric or a number, got '{name}'.");
        return ReadMetric(name, start, sign);
    }

    private PromotionTerm ReadMetric(string name, int start, int sign)
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
                throw _text.Error(
                    start,
                    $"'{name}': expected a split (train, validation or test) before the metric, got '{split}'."
                );
        }
        if (parts.Length - index != 1 || parts[index].Length == 0)
            throw _text.Error(
                start,
                $"'{name}' is not a metric: expected [champion.][split.]metric, for example champion.test.accuracy."
            );
        return new PromotionTerm(name, sign, null, ofChampion, split, parts[index]);
    }
}
