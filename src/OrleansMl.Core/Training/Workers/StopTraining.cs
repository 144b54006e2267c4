namespace OrleansMl.Core.Training.Workers;

/// <summary>Silo to worker: stop at the next step, nothing more is wanted.</summary>
public sealed record StopTraining : WorkerMessage;
