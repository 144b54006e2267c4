namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>A condition on rows, as written, and what decides it.</summary>
internal sealed record Condition(string Text, ConditionNode Root)
{
    /// <summary>The names in a condition, without a look at their types.</summary>
    /// <exception cref="ConditionException">It can't be read.</exception>
    public static IReadOnlyList<string> Names(string text)
    {
        List<string> names = [];
        new ConditionParser(
            text,
            (name, _) =>
            {
                names.Add(name);
                return default;
            }
        ).Parse();
        return names;
    }

    public bool[] Judge(ConditionRows rows) => Root.Booleans(rows);
}
