namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>Makes the parts of conditions.</summary>
internal static class ConditionNodes
{
    public static ConditionNode Booleans(Func<ConditionRows, bool[]> booleans) =>
        new(ConditionKind.Boolean) { Booleans = booleans };

    public static ConditionNode Boolean(bool value) =>
        Booleans(rows =>
        {
            var all = new bool[rows.Count];
            Array.Fill(all, value);
            return all;
        });

    public static ConditionNode Number(double value) =>
        new(ConditionKind.Number)
        {
            Literal = value,
            Numbers = rows =>
            {
                var all = new double[rows.Count];
                Array.Fill(all, value);
                return all;
            },
        };

    public static ConditionNode Text(string value) =>
        new(ConditionKind.Text)
        {
            Texts = rows =>
            {
                var all = new string[rows.Count];
                Array.Fill(all, value);
                return all;
            },
        };

    /// <summary>A value's part; null when conditions know nothing to do with its type.</summary>
    public static ConditionNode? Value(ConditionOperand operand)
    {
        var (slot, type) = operand;
        if (type is null)
            return new ConditionNode(ConditionKind.Any);
        var single = type.Elements == 1;
        return type.Datatype switch
        {
            "BOOL" when single => Booleans(rows => ConditionRows.Booleans(rows.Value(slot))),
            "BYTES" when single => new ConditionNode(ConditionKind.Text)
            {
                Texts = rows => ConditionRows.Texts(rows.Value(slot), rows.Count),
            },
            "BOOL" or "BYTES" or "BF16" => null,
            _ => new ConditionNode(single ? ConditionKind.Number : ConditionKind.Vector)
            {
                Numbers = rows => ConditionRows.Numbers(rows.Value(slot)),
            },
        };
    }

    /// <summary>A comparison; null when the two can't be compared so.</summary>
    public static ConditionNode? Compare(ConditionNode left, string op, ConditionNode right)
    {
        if (left.Kind is ConditionKind.Any || right.Kind is ConditionKind.Any)
            return new ConditionNode(ConditionKind.Any);
        if (left.Kind != right.Kind)
            return null;
        return left.Kind switch
        {
            ConditionKind.Number when NumberTest(op) is { } test => Booleans(rows =>
                [.. left.Numbers(rows).Zip(right.Numbers(rows), test)]
            ),
            ConditionKind.Text when op is "==" or "!=" => Booleans(rows =>
                [.. left.Texts(rows).Zip(right.Texts(rows), (a, b) => (a == b) == (op == "=="))]
            ),
            ConditionKind.Boolean when op is "==" or "!=" => Booleans(rows =>
                [
                    .. left.Booleans(rows)
                        .Zip(right.Booleans(rows), (a, b) => (a == b) == (op == "==")),
                ]
            ),
            _ => null,
        };
    }

    public static ConditionNode Arithmetic(ConditionNode left, char sign, ConditionNode right)
    {
        Func<double, double, double> apply = sign switch
        {
            '+' => static (a, b) => a + b,
            '-' => static (a, b) => a - b,
            '*' => static (a, b) => a * b,
            _ => static (a, b) => a / b,
        };
        return new ConditionNode(ConditionKind.Number)
        {
            Numbers = rows => [.. left.Numbers(rows).Zip(right.Numbers(rows), apply)],
        };
    }

    public static ConditionNode Call(string name, ConditionNode argument, int index)
    {
        if (ConditionFunctions.OfRow(name) is { } ofRow)
            return new ConditionNode(ConditionKind.Number)
            {
                Numbers = rows =>
                    ConditionFunctions.Reduce(argument.Numbers(rows), rows.Count, ofRow),
            };
        return name switch
        {
            "at" => new ConditionNode(ConditionKind.Number)
            {
                Numbers = rows =>
                    ConditionFunctions.Reduce(
                        argument.Numbers(rows),
                        rows.Count,
                        // A column that a row lacks is no number, and no comparison holds for it.
                        row => index < row.Length ? row[index] : double.NaN
                    ),
            },
            "softmax" => new ConditionNode(ConditionKind.Vector)
            {
                Numbers = rows => ConditionFunctions.Softmax(argument.Numbers(rows), rows.Count),
            },
            _ => new ConditionNode(argument.Kind)
            {
                Numbers = rows => Array.ConvertAll(argument.Numbers(rows), Math.Abs),
            },
        };
    }

    // Not-a-number compares as false with everything, so that a row of which nothing is known is never taken as sure.
    private static Func<double, double, bool>? NumberTest(string op) =>
        op switch
        {
            ">=" => static (a, b) => a >= b,
            "<=" => static (a, b) => a <= b,
            ">" => static (a, b) => a > b,
            "<" => static (a, b) => a < b,
            "==" => static (a, b) => a == b,
            "!=" => static (a, b) => !double.IsNaN(a) && !double.IsNaN(b) && a != b,
            _ => null,
        };
}
