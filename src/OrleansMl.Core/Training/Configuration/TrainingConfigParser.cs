using System.Diagnostics.CodeAnalysis;
using OrleansMl.Contracts;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>Reads training configurations. All that is wrong with one is found at once.</summary>
public static class TrainingConfigParser
{
    /// <summary>Reads a configuration.</summary>
    /// <exception cref="InvalidInputException">Something is wrong; the message lists every error with line, column and key, a line each.</exception>
    public static TrainingConfig Parse(string yaml, TrainingConfigLimits? limits = null) =>
        TryParse(yaml, out var config, out var errors, limits)
            ? config
            : throw InvalidConfiguration(errors);

    /// <summary>Reads a configuration; false with every error, in the document's order, when something is wrong.</summary>
    public static bool TryParse(
        string yaml,
        [NotNullWhen(true)] out TrainingConfig? config,
        out IReadOnlyList<ConfigurationError> errors,
        TrainingConfigLimits? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var reading = new ConfigReading(limits ?? TrainingConfigLimits.Default);
        config = null;
        if (
            ConfigDocumentReader.Read(yaml, reading.Limits, reading) is { } root
            && TrainingConfigKeys.Document.Read(root, "", reading) is ConfigValues document
        )
        {
            config = TrainingConfigBinder.Bind(document, yaml, reading);
            TrainingConfigRules.Check(config, reading);
        }
        errors = reading.Errors();
        if (reading.Failed)
            config = null;
        return config is not null;
    }

    /// <summary>The errors as one exception.</summary>
    internal static InvalidInputException InvalidConfiguration(
        IReadOnlyList<ConfigurationError> errors
    ) =>
        new(
            $"the training configuration has {(errors.Count == 1 ? "an error" : $"{errors.Count} errors")}:\n"
                + string.Join('\n', errors.Select(e => "  " + e))
        );
}
