namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>A condition can't be read; the message has the column.</summary>
internal sealed class ConditionException(int column, string message)
    : Exception($"column {column}: {message}");
