namespace OrleansMl.Core.Operations;

/// <summary>The kinds of things in the catalogue.</summary>
public static class CatalogKinds
{
    /// <summary>Datasets, by name.</summary>
    public const string Dataset = "dataset";

    /// <summary>Models, by name.</summary>
    public const string Model = "model";

    /// <summary>The status of models that are pipelines; others have none.</summary>
    public const string PipelineStatus = "pipeline";

    /// <summary>Model versions, by <c>name@version</c>.</summary>
    public const string ModelVersion = "model-version";

    /// <summary>Long-running inference, by id; the status is the phase.</summary>
    public const string InferenceJob = "inference-job";

    /// <summary>Schedules of batch jobs, by name; the status is Active or Paused.</summary>
    public const string BatchSchedule = "batch-schedule";

    /// <summary>Training runs, by id; the status is the phase.</summary>
    public const string TrainingRun = "training-run";
}
