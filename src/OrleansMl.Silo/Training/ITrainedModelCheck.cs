using OrleansMl.Core.Training;

namespace OrleansMl.Silo.Training;

/// <summary>Looks at what a worker made before the run hears of it.</summary>
internal interface ITrainedModelCheck
{
    /// <summary>Checks an outcome's files.</summary>
    /// <exception cref="Contracts.InvalidInputException">The exported model can't be loaded or isn't the trained one; another try would end alike.</exception>
    Task VerifyAsync(TrainingOutcome outcome, CancellationToken cancellationToken);
}
