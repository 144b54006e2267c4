using OrleansMl.Core.Operations;

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
    private readonly ExpressionText _text = new(
        text,
        "condition",
        MaxDepth,
        (column, message) => new ConditionException(column, message)
    );

    /// <summary>The condition.</summary>
    /// <exception cref="ConditionException">It can't be read.</exception>
    public ConditionNode Parse()
    {
        var node = ParseOr();
        _text.End();
        return Require(node, ConditionKind.Boolean, 0, "a condition");
    }

    private ConditionNode ParseOr()
    {
        _text.Enter();
        var node = ParseAnd();
        while (_text.TakeWord("or"))
            node = Join(node, ParseAnd, static (a, b) => a || b);
        _text.Leave();
        return node;
    }

    private ConditionNode ParseAnd()
    {
        var node = ParseNot();
        while (_text.TakeWord("and"))
            node = Join(node, ParseNot, static (a, b) => a && b);
        return node;
    }

    private ConditionNode Join(
        ConditionNode left,
        Func<ConditionNode> parse,
        Func<bool, bool, bool> join
    )
    {
        var at = _text.Position;
        Require(left, ConditionKind.Boolean, at, "before 'and' or 'or' a condition");
        var right = Require(parse(), ConditionKind.Boolean, at, "after 'and' or 'or' a condition");
        return ConditionNodes.Booleans(rows =>
            [.. left.Booleans(rows).Zip(right.Booleans(rows), join)]
        );
    }

    private ConditionNode ParseNot()
    {
        if (!_text.TakeWord("not"))
            return ParseComparison();
        _text.Enter();
        var at = _text.Position;
        var part = Require(ParseNot(), ConditionKind.Boolean, at, "after 'not' a condition");
        _text.Leave();
        return ConditionNodes.Booleans(rows => Array.ConvertAll(part.Booleans(rows), b => !b));
    }

    private ConditionNode ParseComparison()
    {
        var left = ParseSum();
        // The place of the comparison, after spaces.
        _ = _text.Peek;
        var at = _text.Position;
        if (_text.TakeComparison() is not { } comparison)
            return left;
        var right = ParseSum();
        return ConditionNodes.Compare(left, comparison, right)
            ?? throw Error(
                at,
                $"{Describe(left)} can't be compared with {Describe(right)} by '{comparison}'{(left.Kind is ConditionKind.Vector || right.Kind is ConditionKind.Vector ? "; make one number of a row's numbers first, for example by max(...)" : "")}."
            );
    }

    private ConditionNode ParseSum()
    {
        var node = ParseProduct();
        while (_text.TakeEither('+', '-') is { } sign)
            node = Arithmetic(node, sign, ParseProduct());
        return node;
    }

    private ConditionNode ParseProduct()
    {
        var node = ParseFactor();
        while (_text.TakeEither('*', '/') is { } sign)
            node = Arithmetic(node, sign, ParseFactor());
        return node;
    }

    private ConditionNode Arithmetic(ConditionNode left, char sign, ConditionNode right)
    {
        var at = _text.Position;
        Require(left, ConditionKind.Number, at, $"before '{sign}' a number");
        Require(right, ConditionKind.Number, at, $"after '{sign}' a number");
        return ConditionNodes.Arithmetic(left, sign, right);
    }

    private ConditionNode ParseFactor()
    {
        var next = _text.Peek;
        var start = _text.Position;
        switch (next)
        {
            case null:
                throw Error(start, "expected a value or a number, got the end.");
            case '(':
                _text.Take('(');
                var inner = ParseOr();
                _text.Close(start);
                return inner;
            case '-':
                _text.Take('-');
                _text.Enter();
                var negated = Require(
                    ParseFactor(),
                    ConditionKind.Number,
                    start + 1,
                    "after '-' a number"
                );
                _text.Leave();
                return ConditionNodes.Arithmetic(ConditionNodes.Number(0), '-', negated) with
                {
                    Literal = -negated.Literal,
                };
            case '\'':
                return ConditionNodes.Text(_text.TakeQuoted('\''));
            case '"':
                return Named(_text.TakeQuoted('"'), start);
            case '.':
            case >= '0' and <= '9':
                return ConditionNodes.Number(_text.TakeNumber().Value);
            default:
                return ParseName(start);
        }
    }

    private ConditionNode ParseName(int start)
    {
        var name = _text.TakeName();
        if (name.Length == 0)
            throw Error(start, $"expected a value or a number, got {_text.Next}.");
        if (name is "true" or "false")
            return ConditionNodes.Boolean(name == "true");
        if (Words.Contains(name))
            throw Error(start, $"expected a value or a number, got '{name}'.");
        if (!_text.Take('('))
            return Named(name, start);
        var open = _text.Position - 1;
        var argument = ParseOr();
        double? index = null;
        if (name == "at")
        {
            if (!_text.Take(','))
                throw Error(_text.Position, $"expected ',' and a column from 0, got {_text.Next}.");
            index = ParseFactor().Literal;
            if (index is not { } i || i < 0 || i != Math.Floor(i) || i > int.MaxValue)
                throw Error(_text.Position, "at(...) takes a value and a whole number from 0.");
        }
        _text.Close(open);
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

    private static ConditionException Error(int position, string message) =>
        new(position + 1, message);
}
