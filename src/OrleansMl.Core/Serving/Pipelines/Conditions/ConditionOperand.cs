namespace OrleansMl.Core.Serving.Pipelines.Conditions;

/// <summary>A value that a condition names.</summary>
/// <param name="Slot">Its number in the pipeline.</param>
/// <param name="Type">Its type; null while only names are gathered.</param>
internal readonly record struct ConditionOperand(int Slot, PipelineValueType? Type);
