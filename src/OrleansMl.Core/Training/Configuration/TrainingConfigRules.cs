using OrleansMl.Core.Models;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>What single keys can't tell: rules between keys.</summary>
internal static class TrainingConfigRules
{
    public static void Check(TrainingConfig config, ConfigReading reading)
    {
        CheckNames(config, reading);
        for (var i = 0; i < config.Inputs.Count; i++)
            CheckInput(config.Inputs[i], $"input_features[{i}]", reading);
        CheckTrainer(config, reading);
        if (config.Promotion is { } promotion)
            CheckPromotion(promotion, MetricsOf(config), reading);
    }

    private static void CheckNames(TrainingConfig config, ConfigReading reading)
    {
        var names = new Dictionary<string, string>();
        var outputs = new Dictionary<string, string>();
        for (var i = 0; i < config.Inputs.Count; i++)
            CheckName(config.Inputs[i].Name, $"input_features[{i}]");
        for (var i = 0; i < config.Outputs.Count; i++)
        {
            var output = config.Outputs[i];
            var path = $"output_features[{i}]";
            CheckName(output.Name, path);
            if (!outputs.TryAdd(output.Column, path))
            {
                reading.ReportKey(
                    path,
                    "column",
                    $"the column '{output.Column}' is predicted by {outputs[output.Column]} already."
                );
            }
            var input = config.Inputs.ToList().FindIndex(f => f.Column == output.Column);
            if (input >= 0)
            {
                reading.ReportKey(
                    path,
                    "column",
                    $"the column '{output.Column}' is an input too (input_features[{input}]): the model would be given what it shall predict."
                );
            }
        }

        // The graph's outputs are the name and the name with a suffix: none may meet another tensor's name.
        for (var i = 0; i < config.Outputs.Count; i++)
        {
            var suffix = config.Outputs[i].Type switch
            {
                FeatureType.Category => "_probabilities",
                FeatureType.Binary => "_probability",
                _ => null,
            };
            if (suffix is not null)
                CheckName(config.Outputs[i].Name + suffix, $"output_features[{i}]");
        }

        void CheckName(string name, string path)
        {
            if (!names.TryAdd(name, path))
            {
                reading.ReportKey(
                    path,
                    "name",
                    $"the name '{name}' is taken by {names[name]} already; names of inputs and outputs must differ."
                );
            }
        }
    }

    private static void CheckInput(InputFeatureConfig input, string path, ConfigReading reading)
    {
        if (
            input.Encoder is { Kind: EncoderKind.Cnn, Convolution.KernelSize: var kernel }
            && kernel % 2 == 0
        )
        {
            reading.ReportKey(
                path + ".encoder",
                "kernel_size",
                $"expected an odd number from 1 to 15, got {kernel}."
            );
        }
    }

    private static void CheckTrainer(TrainingConfig config, ConfigReading reading)
    {
        var trainer = config.Trainer;
        if (trainer.Optimizer is { Nesterov: true, Momentum: 0 })
        {
            reading.ReportKey(
                "trainer.optimizer",
                "nesterov",
                "Nesterov's momentum needs a momentum above 0, for example momentum: 0.9."
            );
        }
        if (
            trainer.Augmentation is not null
            && config.Inputs.All(i => i.Type is not FeatureType.Image)
        )
        {
            reading.ReportKey(
                "trainer",
                "augmentation",
                "augmentation changes images, and no input feature has the type image; remove it."
            );
        }
        if (trainer.EarlyStopping is { } early)
        {
            var known = MetricsOf(config);
            if (!known.Contains(early.Metric))
            {
                reading.ReportKey(
                    "trainer.early_stopping",
                    "metric",
                    $"'{early.Metric}' is no validation metric of these outputs{NearestName.Hint(early.Metric, known)}"
                );
            }
        }
        if (trainer.Schedule.WarmupSteps > 0 && trainer.Schedule.WarmupSteps >= trainer.MaxSteps)
        {
            reading.ReportKey(
                "trainer.schedule",
                "warmup_steps",
                $"expected fewer than max_steps ({trainer.MaxSteps:N0}), got {trainer.Schedule.WarmupSteps:N0}: the learning rate would never reach its peak."
            );
        }
    }

    private static IReadOnlyList<string> MetricsOf(TrainingConfig config) =>
        Metrics.MetricNames.For([.. config.Outputs.Select(o => (o.Name, o.Type))]);

    private static void CheckPromotion(
        PromotionConfig promotion,
        IReadOnlyList<string> metrics,
        ConfigReading reading
    )
    {
        for (var i = 0; i < promotion.When.Count; i++)
            CheckRule(promotion.When[i], $"when[{i}]", metrics, reading);
        if (promotion.Alias is "latest" || promotion.Alias.All(char.IsAsciiDigit))
        {
            reading.ReportKey(
                "promotion",
                "alias",
                $"'{promotion.Alias}' can't be an alias: numbers and 'latest' name versions themselves."
            );
        }
    }

    private static void CheckRule(
        string rule,
        string key,
        IReadOnlyList<string> metrics,
        ConfigReading reading
    )
    {
        PromotionNode root;
        try
        {
            root = new PromotionRuleParser(rule).Parse();
        }
        catch (PromotionRuleException e)
        {
            reading.ReportKey("promotion", key, $"'{rule}', {e.Error}");
            return;
        }
        // A metric that this training never gives would keep every version back. What the champion has is its own affair.
        foreach (
            var term in Terms(root)
                .Where(t => t.Number is null && !t.OfChampion && !metrics.Contains(t.Metric))
        )
        {
            reading.ReportKey(
                "promotion",
                key,
                $"'{term.Metric}' is no metric of these outputs{NearestName.Hint(term.Metric, metrics)}"
            );
        }
    }

    private static IEnumerable<PromotionTerm> Terms(PromotionNode node) =>
        node switch
        {
            PromotionAll all => all.Parts.SelectMany(Terms),
            PromotionAny any => any.Parts.SelectMany(Terms),
            PromotionNot not => Terms(not.Part),
            PromotionComparison comparison => comparison.Left.Concat(comparison.Right),
            _ => throw new ArgumentException($"unknown node {node.GetType().Name}", nameof(node)),
        };
}
