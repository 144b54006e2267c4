using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>Turns checked values into records. No default stands here: they are all in <see cref="TrainingConfigKeys"/>.</summary>
internal static class TrainingConfigBinder
{
    public static TrainingConfig Bind(ConfigValues document, string source, ConfigReading reading)
    {
        var model = document.Text("model");
        return new TrainingConfig
        {
            Name = document.OptionalText("name") ?? model,
            Model = model,
            Dataset = Dataset(document.Text("dataset")),
            Inputs = [.. document.List<ConfigValues>("input_features").Select(Input)],
            Outputs = [.. document.List<ConfigValues>("output_features").Select(Output)],
            Combiner = Combiner(document.Mapping("combiner")),
            Trainer = Trainer(document.Mapping("trainer"), document.Mapping("checkpoints")),
            KeepCheckpoints = document.Mapping("checkpoints").Integer("keep"),
            Compute = Compute(document.Mapping("compute")),
            Promotion = document.OptionalMapping("promotion") is { } promotion
                ? new PromotionConfig(promotion.Text("alias"), promotion.List<string>("when"))
                : null,
            Source = source,
            Places = reading.Places,
        };
    }

    private static DatasetReference Dataset(string text)
    {
        var parts = text.Split('@');
        return new DatasetReference(
            parts[0],
            parts.Length == 1 || parts[1] == "latest" ? null : int.Parse(parts[1])
        );
    }

    private static InputFeatureConfig Input(ConfigValues feature)
    {
        var type = feature.Choice<FeatureType>("type");
        return new InputFeatureConfig
        {
            Name = feature.Text("name"),
            Type = type,
            Column = feature.OptionalText("column") ?? feature.Text("name"),
            Preprocessing = Preprocessing(type, feature.Mapping("preprocessing")),
            Encoder = Encoder(feature.Mapping("encoder")),
        };
    }

    private static PreprocessingConfig Preprocessing(FeatureType type, ConfigValues keys) =>
        type switch
        {
            FeatureType.Number => new()
            {
                Scaling = keys.Choice<ScalingKind>("scaling"),
                Missing = keys.Choice<MissingValueKind>("missing"),
                Fill = keys.Number("fill"),
            },
            FeatureType.Category => new()
            {
                MaxValues = keys.Integer("max_values"),
                MinCount = keys.Long("min_count"),
            },
            FeatureType.Binary => new() { Missing = keys.Choice<MissingValueKind>("missing") },
            _ => new() { Scaling = keys.Choice<ScalingKind>("scaling") },
        };

    private static EncoderConfig Encoder(ConfigValues keys)
    {
        var kind = keys.Choice<EncoderKind>("type");
        return new EncoderConfig
        {
            Kind = kind,
            Dense = kind switch
            {
                EncoderKind.Mlp or EncoderKind.Cnn => Dense(keys),
                EncoderKind.ResNet => new DenseConfig
                {
                    Activation = keys.Choice<ActivationKind>("activation"),
                    Dropout = keys.Number("dropout"),
                },
                EncoderKind.Embedding => new DenseConfig { Dropout = keys.Number("dropout") },
                _ => DenseConfig.None,
            },
            Convolution = kind switch
            {
                EncoderKind.Cnn => new ConvolutionConfig
                {
                    Channels = keys.Integers("channels"),
                    KernelSize = keys.Integer("kernel_size"),
                    Stride = keys.Integer("stride"),
                    BatchNorm = keys.Flag("batch_norm"),
                    Pooling = keys.Choice<PoolingKind>("pooling"),
                    PoolSize = keys.Integer("pool_size"),
                    PoolEvery = keys.Integer("pool_every"),
                    GlobalPooling = keys.Flag("global_pooling"),
                },
                EncoderKind.ResNet => new ConvolutionConfig
                {
                    Channels = keys.Integers("channels"),
                    Blocks = keys.Integer("blocks"),
                    BatchNorm = true,
                    GlobalPooling = true,
                },
                _ => null,
            },
            Dimension = kind is EncoderKind.Embedding ? (int?)keys.OptionalLong("dimension") : null,
        };
    }

    private static DenseConfig Dense(ConfigValues keys) =>
        new()
        {
            Hidden = keys.Integers("hidden"),
            Activation = keys.Choice<ActivationKind>("activation"),
            Dropout = keys.Number("dropout"),
            Normalization = keys.Choice<NormalizationKind>("normalization"),
        };

    private static OutputFeatureConfig Output(ConfigValues feature)
    {
        var type = feature.Choice<FeatureType>("type");
        return new OutputFeatureConfig
        {
            Name = feature.Text("name"),
            Type = type,
            Column = feature.OptionalText("column") ?? feature.Text("name"),
            Scaling =
                type is FeatureType.Number
                    ? feature.Mapping("preprocessing").Choice<ScalingKind>("scaling")
                    : ScalingKind.None,
            Loss = Loss(feature.Mapping("loss")),
            Weight = feature.Number("weight"),
        };
    }

    private static LossConfig Loss(ConfigValues keys)
    {
        var kind = keys.Choice<LossKind>("type");
        var loss = new LossConfig { Kind = kind };
        if (kind is LossKind.Huber)
            return loss with { HuberDelta = keys.Number("delta") };
        if (kind is not (LossKind.CrossEntropy or LossKind.BinaryCrossEntropy))
            return loss;
        var weights = keys.OptionalMap("class_weights");
        return loss with
        {
            Weighting = weights is not null
                ? ClassWeighting.Given
                : keys.Choice<ClassWeighting>("class_weights"),
            ClassWeights =
                weights?.ToDictionary(w => w.Key, w => (double)w.Value)
                ?? new Dictionary<string, double>(),
            LabelSmoothing = kind is LossKind.CrossEntropy ? keys.Number("label_smoothing") : 0,
        };
    }

    private static CombinerConfig Combiner(ConfigValues keys)
    {
        var kind = keys.Choice<CombinerKind>("type");
        return new CombinerConfig(
            kind,
            kind is CombinerKind.Concat ? Dense(keys) : DenseConfig.None
        );
    }

    private static TrainerConfig Trainer(ConfigValues keys, ConfigValues checkpoints)
    {
        var clipping = keys.OptionalMapping("gradient_clipping");
        var steps = checkpoints.OptionalLong("every_steps");
        return new TrainerConfig
        {
            Optimizer = Optimizer(keys.Mapping("optimizer")),
            Schedule = Schedule(keys.Mapping("schedule")),
            Epochs = keys.Integer("epochs"),
            MaxSteps = keys.OptionalLong("max_steps"),
            BatchSize = keys.Integer("batch_size"),
            EvaluationBatchSize = keys.Integer("evaluation_batch_size"),
            ClipNorm = clipping?.OptionalNumber("norm"),
            ClipValue = clipping?.OptionalNumber("value"),
            EarlyStopping = keys.OptionalMapping("early_stopping") is { } early
                ? new EarlyStoppingConfig
                {
                    Metric = early.Text("metric"),
                    Patience = early.Integer("patience"),
                    MinDelta = early.Number("min_delta"),
                }
                : null,
            Augmentation = keys.OptionalMapping("augmentation") is { } augmentation
                ? new AugmentationConfig
                {
                    HorizontalFlip = augmentation.Flag("horizontal_flip"),
                    CropPadding = augmentation.Integer("crop_padding"),
                    Brightness = augmentation.Number("brightness"),
                    Erase = augmentation.Number("erase"),
                }
                : null,
            Seed = keys.Long("seed"),
            Threads = keys.Integer("threads"),
            LogEverySteps = keys.Integer("log_every_steps"),
            CheckpointEverySteps = steps,
            CheckpointEverySeconds =
                checkpoints.OptionalNumber("every_seconds")
                ?? (steps is null ? new TrainerConfig().CheckpointEverySeconds : null),
        };
    }

    private static OptimizerConfig Optimizer(ConfigValues keys)
    {
        var kind = keys.Choice<OptimizerKind>("type");
        var optimizer = new OptimizerConfig
        {
            Kind = kind,
            LearningRate = keys.Number("learning_rate"),
            WeightDecay = keys.Number("weight_decay"),
        };
        return kind is OptimizerKind.Sgd
            ? optimizer with
            {
                Momentum = keys.Number("momentum"),
                Nesterov = keys.Flag("nesterov"),
            }
            : optimizer with
            {
                Beta1 = keys.Number("beta1"),
                Beta2 = keys.Number("beta2"),
                Epsilon = keys.Number("epsilon"),
            };
    }

    private static ScheduleConfig Schedule(ConfigValues keys)
    {
        var kind = keys.Choice<ScheduleKind>("type");
        var schedule = new ScheduleConfig { Kind = kind, WarmupSteps = keys.Long("warmup_steps") };
        return kind switch
        {
            ScheduleKind.Linear or ScheduleKind.Cosine => schedule with
            {
                FinalFraction = keys.Number("final_fraction"),
            },
            ScheduleKind.Step => schedule with
            {
                StepEpochs = keys.Integer("step_epochs"),
                Gamma = keys.Number("gamma"),
            },
            ScheduleKind.Exponential => schedule with { Gamma = keys.Number("gamma") },
            _ => schedule,
        };
    }

    private static ComputeConfig Compute(ConfigValues keys) =>
        new()
        {
            Accelerator = keys.Text("accelerator"),
            Labels =
                keys.OptionalMap("labels")?.ToDictionary(l => l.Key, l => (string)l.Value)
                ?? new Dictionary<string, string>(),
            MaxAttempts = keys.Integer("max_attempts"),
        };
}
