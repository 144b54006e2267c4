namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>What is to be done with a call.</summary>
/// <param name="Move">What it does to the sequence.</param>
/// <param name="Applied">Of a repeat: the call that was applied.</param>
internal readonly record struct SequenceDecision(SequenceMove Move, AppliedStep? Applied = null);
