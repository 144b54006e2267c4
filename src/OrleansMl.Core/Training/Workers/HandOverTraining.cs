namespace OrleansMl.Core.Training.Workers;

/// <summary>Silo to worker: write a checkpoint at the next step and stop; the silo is leaving.</summary>
public sealed record HandOverTraining : WorkerMessage;
