namespace OrleansMl.Core.Serving.Traffic;

/// <summary>The part of an experiment in which calls are counted together.</summary>
/// <param name="Model">The model.</param>
/// <param name="Experiment">The experiment.</param>
/// <param name="Step">The canary's step; 0 without one.</param>
public readonly record struct TrafficStage(string Model, long Experiment, int Step);
