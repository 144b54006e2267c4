using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Models;
using OrleansMl.Grains.Models;

namespace OrleansMl.Grains.Training;

/// <summary>What a run's spec must be, and when two are one.</summary>
internal static class RunSpecs
{
    private const int MaxNameLength = 200;
    private const int MaxTries = 100;
    private const int MaxLabels = 32;

    /// <exception cref="InvalidInputException">Something is wrong; nothing was done.</exception>
    public static void Check(string run, TrainingRunSpec spec, int maxConfigLength)
    {
        if (!ResourceName.IsValid(run))
            throw new InvalidInputException(
                $"'{run}' is not a run's id: expected 1 to {ResourceName.MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        Require(
            spec.Config.Length is > 0 && spec.Config.Length <= maxConfigLength,
            $"config: expected 1 to {maxConfigLength} characters of YAML, got {spec.Config.Length}"
        );
        Require(
            spec.Name.Length <= MaxNameLength,
            $"name: expected at most {MaxNameLength} characters, got {spec.Name.Length}"
        );
        Require(
            ResourceName.IsValid(spec.Model),
            $"model: '{spec.Model}' is not a model name: expected lower-case letters, digits, '.', '_' and '-'"
        );
        Require(
            ResourceName.IsValid(spec.Dataset.Name) && spec.Dataset.Version >= 1,
            $"dataset: expected name@version, got '{spec.Dataset}'"
        );
        Require(
            spec.Accelerator is "cpu" or "cuda",
            $"accelerator: expected cpu or cuda, got '{spec.Accelerator}'"
        );
        Require(
            spec.MaxAttempts is >= 1 and <= MaxTries,
            $"max attempts: expected 1 to {MaxTries}, got {spec.MaxAttempts}"
        );
        Require(
            spec.KeepCheckpoints is >= 1 and <= MaxTries,
            $"checkpoints kept: expected 1 to {MaxTries}, got {spec.KeepCheckpoints}"
        );
        Require(
            spec.RequiredLabels.Count <= MaxLabels,
            $"required labels: expected at most {MaxLabels}, got {spec.RequiredLabels.Count}"
        );
        ModelChecks.CheckAlias(spec.PromotionAlias);
        PromotionPolicy.Parse(spec.PromotionRules);

        void Require(bool holds, string problem)
        {
            if (!holds)
                throw new InvalidInputException($"run '{run}', {problem}.");
        }
    }

    public static bool AreSame(TrainingRunSpec one, TrainingRunSpec other) =>
        one.Config == other.Config
        && one.Name == other.Name
        && one.Model == other.Model
        && one.Dataset == other.Dataset
        && one.Accelerator == other.Accelerator
        && one.MaxAttempts == other.MaxAttempts
        && one.PromotionRules.SequenceEqual(other.PromotionRules)
        && one.PromotionAlias == other.PromotionAlias
        && one.KeepCheckpoints == other.KeepCheckpoints
        && one.RequiredLabels.Count == other.RequiredLabels.Count
        && one.RequiredLabels.All(label =>
            other.RequiredLabels.TryGetValue(label.Key, out var value) && value == label.Value
        );
}
