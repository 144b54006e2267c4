using System.Globalization;

namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>
/// Reads a condition by recursive descent and checks its types. Comparisons of numbers and texts, joined by <c>and</c>, <c>or</c>,
/// <c>not</c>; sums and products; functions of a row's numbers. A value is a name, or in double quotes where its name has other
/// characters; a text stands in single quotes.
/// </summary>
internal sealed class ConditionParser(string text, Func<string, int, ConditionOperand> resolve)
{
    public const int MaxDepth = 50;
    private static readonly string[] Words = ["and", "or", "not", "true", "false"];
    private int _position;
    private int _depth;

    /// <summary>The condition.</summary>
    /// <exception cref="ConditionException">It can't be read.</exception>
    public ConditionNode Parse()
    {
        var node = ParseOr();
        Space();
        if (_position < text.Length)
            throw Error(_position, $"expected 'and', 'or' or the end, got {Next()}.");
        return Require(node, ConditionKind.Boolean, 0, "a condition");
    }

    private ConditionNode ParseOr()
    {
        if (++_depth > MaxDepth)
            throw Error(_position, $"a condition nests at most {MaxDepth} deep.");
        var node = ParseAnd();
        while (TakeWord("or"))
            node = Join(node, ParseAnd, static (a, b) => a || b);
        _depth--;
        return node;
    }

    private ConditionNode ParseAnd()
    {
        var node = ParseNot();
        while (TakeWord("and"))
            node = Join(node, ParseNot, static (a, b) => a && b);
        return node;
    }

    private ConditionNode Join(
        ConditionNode left,
        Func<ConditionNode> parse,
        Func<bool, bool, bool> join
    )
    {
        var at = _position;
        Require(left, ConditionKind.Boolean, at, "before 'and' or 'or' a condition");
        var right = Require(parse(), ConditionKind.Boolean, at, "after 'and' or 'or' a condition");
        return ConditionNodes.Booleans(rows =>
            [.. left.Booleans(rows).Zip(right.Booleans(rows), join)]
        );
    }

    private ConditionNode ParseNot()
    {
        if (!TakeWord("not"))
            return ParseComparison();
        if (++_depth > MaxDepth)
            throw Error(_position, $"a condition nests at most {MaxDepth} deep.");
        var at = _position;
        var part = Require(ParseNot(), ConditionKind.Boolean, at, "after 'not' a condition");
        _depth--;
        return ConditionNodes.Booleans(rows => Array.ConvertAll(part.Booleans(rows), b => !b));
    }

    private ConditionNode ParseComparison()
    {
        var left = ParseSum();
        Space();
        var at = _position;
        foreach (var op in (ReadOnlySpan<string>)[">=", "<=", "==", "!=", ">", "<"])
        {
            if (!text.AsSpan(_position).StartsWith(op, StringComparison.Ordinal))
                continue;
            _position += op.Length;
            var right = ParseSum();
            return ConditionNodes.Compare(left, op, right)
                ?? throw Error(
                    at,
                    $"{Describe(left)} can't be compared with {Describe(right)} by '{op}'{(left.Kind is ConditionKind.Vector || right.Kind is ConditionKind.Vector ? "; make one number of a row's numbers first, for example by max(...)" : "")}."
                );
        }
        return left;
    }

    private ConditionNode ParseSum()
    {
        var node = ParseProduct();
        while (TakeSign('+', '-') is { } sign)
            node = Arithmetic(node, sign, ParseProduct());
        return node;
    }

    private ConditionNode ParseProduct()
    {
        var node = ParseFactor();
        while (TakeSign('*', '/') is { } sign)
            node = Arithmetic(node, sign, ParseFactor());
        return node;
    }

    private ConditionNode Arithmetic(ConditionNode left, char sign, ConditionNode right)
    {
        var at = _position;
        Require(left, ConditionKind.Number, at, $"before '{sign}' a number");
        Require(right, ConditionKind.Number, at, $"after '{sign}' a number");
        return ConditionNodes.Arithmetic(left, sign, right);
    }

    private ConditionNode ParseFactor()
    {
        Space();
        var start = _position;
        if (_position >= text.Length)
            throw Error(start, "expected a value or a number, got the end.");
        switch (text[_position])
        {
            case '(':
                _position++;
                var inner = ParseOr();
                Close(start);
                return inner;
            case '-':
                _position++;
                if (++_depth > MaxDepth)
                    throw Error(_position, $"a condition nests at most {MaxDepth} deep.");
                var negated = Require(
                    ParseFactor(),
                    ConditionKind.Number,
                    start + 1,
                    "after '-' a number"
                );
                _depth--;
                return ConditionNodes.Arithmetic(ConditionNodes.Number(0), '-', negated) with
                {
                    Literal = -negated.Literal,
                };
            case '\'':
                return ConditionNodes.Text(Quoted('\''));
            case '"':
                return Named(Quoted('"'), start);
            case '.':
            case >= '0' and <= '9':
                return ConditionNodes.Number(Number());
            default:
                return ParseName(start);
        }
    }

    private ConditionNode ParseName(int start)
    {
        while (_position < text.Length && IsNamePart(text[_position]))
            _position++;
        var name = text[start.._position];
        if (name.Length == 0)
            throw Error(start, $"expected a value or a number, got {Next()}.");
        if (name is "true" or "false")
            return ConditionNodes.Boolean(name == "true");
        if (Words.Contains(name))
            throw Error(start, $"expected a value or a number, got '{name}'.");
        Space();
        if (_position >= text.Length || text[_position] != '(')
            return Named(name, start);
        var open = _position++;
        var argument = ParseOr();
        double? index = null;
        if (name == "at")
        {
            if (TakeSign(',', ',') is null)
                throw Error(_position, $"expected ',' and a column from 0, got {Next()}.");
            index = ParseFactor().Literal;
            if (index is not { } i || i < 0 || i != Math.Floor(i) || i > int.MaxValue)
                throw Error(_position, "at(...) takes a value and a whole number from 0.");
        }
        Close(open);
        return Call(name, argument, (int)(index ?? 0), start);
    }

    private static ConditionNode Call(string name, ConditionNode argument, int index, int at)
    {
        if (!ConditionFunctions.Names.Contains(name))
            throw Error(
                at,
                $"there is no function '{name}'; expected one of {string.Join(", ", ConditionFunctions.Names)}."
            );
        if (
            argument.Kind is not (ConditionKind.Number or ConditionKind.Vector or ConditionKind.Any)
        )
            throw Error(at, $"{name}(...) takes numbers, got {Describe(argument)}.");
        return ConditionNodes.Call(name, argument, index);
    }

    private ConditionNode Named(string name, int start)
    {
        var operand = resolve(name, start + 1);
        return ConditionNodes.Value(operand)
            ?? throw Error(
                start,
                $"'{name}' is {operand.Type}; expected numbers, or one true, false or text a row."
            );
    }

    private string Quoted(char quote)
    {
        var start = ++_position;
        var end = text.IndexOf(quote, start);
        if (end < 0)
            throw Error(start - 1, $"the quote {quote} is not closed.");
        _position = end + 1;
        return text[start..end];
    }

    private double Number()
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
        return
            double.TryParse(
                text[start.._position],
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out var value
            ) && double.IsFinite(value)
            ? value
            : throw Error(start, $"'{text[start.._position]}' is not a number.");
    }

    private void Close(int open)
    {
        Space();
        if (_position >= text.Length || text[_position] != ')')
            throw Error(_position, $"expected ')' for the '(' at column {open + 1}, got {Next()}.");
        _position++;
    }

    private char? TakeSign(char first, char second)
    {
        Space();
        return _position < text.Length && (text[_position] == first || text[_position] == second)
            ? text[_position++]
            : null;
    }

    private bool TakeWord(string word)
    {
        Space();
        var end = _position + word.Length;
        if (
            !text.AsSpan(_position).StartsWith(word, StringComparison.Ordinal)
            || (end < text.Length && IsNamePart(text[end]))
        )
            return false;
        _position = end;
        return true;
    }

    private void Space()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
    }

    private string Next() =>
        _position >= text.Length ? "the end of the condition" : $"'{text[_position]}'";

    private static ConditionNode Require(
        ConditionNode node,
        ConditionKind kind,
        int position,
        string expected
    ) =>
        node.Kind == kind || node.Kind is ConditionKind.Any
            ? node
            : throw Error(position, $"expected {expected}, got {Describe(node)}.");

    private static string Describe(ConditionNode node) =>
        node.Kind switch
        {
            ConditionKind.Number => "a number",
            ConditionKind.Vector => "several numbers a row",
            ConditionKind.Boolean => "a condition",
            ConditionKind.Text => "a text",
            _ => "a value",
        };

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

    private static ConditionException Error(int position, string message) =>
        new(position + 1, message);
}
