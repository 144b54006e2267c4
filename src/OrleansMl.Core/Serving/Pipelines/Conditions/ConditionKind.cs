namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>What a part of a condition gives a row.</summary>
internal enum ConditionKind
{
    /// <summary>Not known yet: everything is let pass.</summary>
    Any = 0,

    /// <summary>One number.</summary>
    Number = 1,

    /// <summary>Several numbers.</summary>
    Vector = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>A text.</summary>
    Text = 4,
}
