using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A checked training configuration, before it met a dataset. Made by <see cref="TrainingConfigParser"/>.</summary>
public sealed record TrainingConfig
{
    /// <summary>A name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Model that the version is registered under.</summary>
    public required string Model { get; init; }

    /// <summary>What to train on.</summary>
    public required DatasetReference Dataset { get; init; }

    /// <summary>What the model gets; one or more.</summary>
    public required IReadOnlyList<InputFeatureConfig> Inputs { get; init; }

    /// <summary>What the model predicts; one or more.</summary>
    public required IReadOnlyList<OutputFeatureConfig> Outputs { get; init; }

    /// <summary>How the inputs' features come together.</summary>
    public required CombinerConfig Combiner { get; init; }

    /// <summary>How to train, checkpoint intervals included.</summary>
    public required TrainerConfig Trainer { get; init; }

    /// <summary>Newest checkpoints kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Where to train.</summary>
    public ComputeConfig Compute { get; init; } = new();

    /// <summary>When an alias moves; null: never.</summary>
    public PromotionConfig? Promotion { get; init; }

    /// <summary>The YAML that it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>Where keys stand in the YAML, by path; for errors that only the dataset brings out.</summary>
    internal IReadOnlyDictionary<string, (int Line, int Column)> Places { get; init; } =
        new Dictionary<string, (int, int)>();

    /// <summary>The immutable ask for a run on an exact dataset version, which the caller resolved from <see cref="Dataset"/>.</summary>
    /// <exception cref="InvalidInputException">The version is not one that the configuration names.</exception>
    public TrainingRunSpec ToSpec(DatasetVersionId dataset)
    {
        if (
            dataset.Name != Dataset.Name
            || (Dataset.Version is { } version && version != dataset.Version)
        )
        {
            throw new InvalidInputException(
                $"the configuration '{Name}' trains on {Dataset}, got {dataset}."
            );
        }
        return new TrainingRunSpec
        {
            Config = Source,
            Name = Name,
            Model = Model,
            Dataset = dataset,
            Accelerator = Compute.Accelerator,
            MaxAttempts = Compute.MaxAttempts,
            PromotionRules = Promotion?.When ?? [],
            PromotionAlias = Promotion?.Alias ?? "champion",
            KeepCheckpoints = KeepCheckpoints,
            RequiredLabels = Compute.Labels,
        };
    }
}
