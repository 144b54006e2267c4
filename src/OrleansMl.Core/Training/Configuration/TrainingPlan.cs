using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>All that an engine needs to know of a configuration once it met its dataset.</summary>
/// <param name="Name">The run's name for people.</param>
/// <param name="Model">The network.</param>
/// <param name="Trainer">How to train it.</param>
public sealed record TrainingPlan(string Name, ModelPlan Model, TrainerConfig Trainer);
