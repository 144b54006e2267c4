using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>
/// Brings a configuration and a dataset together: checks that they fit, takes scales, vocabularies and classes from the
/// training rows' statistics, and resolves the network layer by layer. Pure: the same two give the same plan.
/// </summary>
public static class TrainingPlanner
{
    /// <summary>Reads the YAML and plans.</summary>
    /// <exception cref="InvalidInputException">The YAML is wrong or does not fit the dataset; the message lists every error with its place.</exception>
    public static TrainingPlan Plan(
        string yaml,
        DatasetManifest dataset,
        TrainingConfigLimits? limits = null
    ) => Plan(TrainingConfigParser.Parse(yaml, limits), dataset, limits);

    /// <summary>Plans.</summary>
    /// <exception cref="InvalidInputException">The configuration does not fit the dataset; the message lists every error with its place.</exception>
    public static TrainingPlan Plan(
        TrainingConfig config,
        DatasetManifest dataset,
        TrainingConfigLimits? limits = null
    ) =>
        TryPlan(config, dataset, out var plan, out var errors, limits)
            ? plan!
            : throw TrainingConfigParser.InvalidConfiguration(errors);

    /// <summary>Plans; false with every error when the configuration does not fit the dataset.</summary>
    public static bool TryPlan(
        TrainingConfig config,
        DatasetManifest dataset,
        out TrainingPlan? plan,
        out IReadOnlyList<ConfigurationError> errors,
        TrainingConfigLimits? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(dataset);
        var reading = new ConfigReading(limits ?? TrainingConfigLimits.Default, config.Places);
        var columns = new PlannedColumns(dataset, reading);
        plan = columns.TrainRows > 0 ? Plan(config, columns, reading) : NoTrainRows();
        errors = reading.Errors();
        if (reading.Failed)
            plan = null;
        return plan is not null;

        TrainingPlan? NoTrainRows()
        {
            reading.ReportKey(
                "",
                "dataset",
                $"{dataset.Id} has no training rows; import it with smaller shares for validation and test."
            );
            return null;
        }
    }

    private static TrainingPlan? Plan(
        TrainingConfig config,
        PlannedColumns columns,
        ConfigReading reading
    )
    {
        var inputs = config
            .Inputs.Select((input, i) => InputPlanner.Plan(input, $"input_features[{i}]", columns))
            .ToList();
        var combiner = new LayerStack(inputs.Sum(i => (long)(i?.Width ?? 1)), "combiner", reading);
        combiner.AddDense(config.Combiner.Dense);
        var heads = config
            .Outputs.Select(
                (output, i) =>
                    HeadPlanner.Plan(output, $"output_features[{i}]", combiner.Width, columns)
            )
            .ToList();
        CheckTrainer(config, columns, reading);
        if (reading.Failed)
            return null;

        var model = new ModelPlan(
            [.. inputs.Select(i => i!)],
            combiner.Layers,
            combiner.Width,
            [.. heads.Select(h => h!)]
        );
        CheckModel(model, config, reading);
        return new TrainingPlan(config.Name, model, config.Trainer);
    }

    private static void CheckTrainer(
        TrainingConfig config,
        PlannedColumns columns,
        ConfigReading reading
    )
    {
        var trainer = config.Trainer;
        var steps = TrainingSteps.Total(trainer, columns.TrainRows);
        if (steps == 0)
        {
            reading.ReportKey(
                "trainer",
                "batch_size",
                $"{columns.Dataset} has {columns.TrainRows} training row, and a batch of a single row is trained only with batch_size: 1."
            );
        }
        else if (trainer.Schedule.WarmupSteps >= steps && trainer.Schedule.WarmupSteps > 0)
        {
            reading.ReportKey(
                "trainer.schedule",
                "warmup_steps",
                $"expected fewer than the {steps:N0} steps that {columns.TrainRows:N0} training rows give, got {trainer.Schedule.WarmupSteps:N0}: the learning rate would never reach its peak."
            );
        }
        if (trainer.EarlyStopping is not null && columns.ValidationRows == 0)
        {
            reading.ReportKey(
                "trainer",
                "early_stopping",
                $"{columns.Dataset} has no validation rows to judge by; import it with a share for validation, or remove early_stopping."
            );
        }
    }

    private static void CheckModel(ModelPlan model, TrainingConfig config, ConfigReading reading)
    {
        var parameters = ParameterCount.Of(model);
        if (parameters > reading.Limits.MaxParameters)
        {
            reading.ReportKey(
                "",
                "input_features",
                $"the network has {parameters:N0} parameters, at most {reading.Limits.MaxParameters:N0} are allowed; make its layers narrower."
            );
        }
        if (config.Trainer.BatchSize == 1 && LayersOf(model).Any(IsBatchNorm))
        {
            reading.ReportKey(
                "trainer",
                "batch_size",
                "batch normalization needs 2 or more examples a step, got 1."
            );
        }
        if (config.Trainer.Augmentation is not { CropPadding: > 0 and var padding })
            return;
        foreach (var image in model.Inputs.Select(i => i.Transform).OfType<ImageTransform>())
        {
            if (padding >= Math.Min(image.Height, image.Width))
            {
                reading.ReportKey(
                    "trainer.augmentation",
                    "crop_padding",
                    $"expected fewer than the {Math.Min(image.Height, image.Width)} pixels of the image's side, got {padding}."
                );
            }
        }
    }

    private static IEnumerable<Layer> LayersOf(ModelPlan model) =>
        model
            .Inputs.SelectMany(i => i.Encoder)
            .Concat(model.Combiner)
            .Concat(model.Heads.SelectMany(h => h.Layers));

    private static bool IsBatchNorm(Layer layer) =>
        layer switch
        {
            BatchNorm1dLayer or BatchNorm2dLayer => true,
            ResidualLayer residual => residual.Body.Any(IsBatchNorm),
            _ => false,
        };
}
