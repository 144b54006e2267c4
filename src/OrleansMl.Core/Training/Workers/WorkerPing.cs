namespace OrleansMl.Core.Training.Workers;

/// <summary>Silo to worker: the silo is alive and still wants the work.</summary>
public sealed record WorkerPing : WorkerMessage;
