using System.Text.Json.Serialization;

namespace OrleansMl.Core.Training.Workers;

/// <summary>One message between a silo and a worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SiloHello), "siloHello")]
[JsonDerivedType(typeof(WorkerHello), "workerHello")]
[JsonDerivedType(typeof(StartTraining), "start")]
[JsonDerivedType(typeof(StopTraining), "stop")]
[JsonDerivedType(typeof(HandOverTraining), "handOver")]
[JsonDerivedType(typeof(WorkerPing), "ping")]
[JsonDerivedType(typeof(WorkerHeartbeat), "heartbeat")]
[JsonDerivedType(typeof(WorkerProgress), "progress")]
[JsonDerivedType(typeof(WorkerCheckpoint), "checkpoint")]
[JsonDerivedType(typeof(WorkerCompleted), "completed")]
[JsonDerivedType(typeof(WorkerFailed), "failed")]
public abstract record WorkerMessage;
