using System.Diagnostics.CodeAnalysis;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>A pipeline as written, in YAML or JSON: sound in form, not yet checked against the models that it names.</summary>
public sealed class PipelineDocument
{
    private PipelineDocument(string text, ConfigValues values, ConfigReading reading)
    {
        Text = text;
        Values = values;
        Reading = reading;
        Models =
        [
            .. values
                .List<ConfigValues>("steps")
                .SelectMany(ModelsOf)
                .Select(model => ModelStepReference.Parse(model)!.Value)
                .Distinct(),
        ];
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>The models that its steps name.</summary>
    public IReadOnlyList<ModelStepReference> Models { get; }

    internal ConfigValues Values { get; }

    internal ConfigReading Reading { get; }

    /// <summary>Reads a document; false with every error, in the document's order, when something is wrong.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out PipelineDocument? document,
        out IReadOnlyList<ConfigurationError> errors
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        var reading = new ConfigReading(PipelineLimits.Document);
        var values = ConfigDocumentReader.Read(text, reading.Limits, reading) is { } root
            ? PipelineKeys.Document.Read(root, "", reading) as ConfigValues
            : null;
        errors = reading.Errors();
        document =
            values is null || reading.Failed ? null : new PipelineDocument(text, values, reading);
        return document is not null;
    }

    private static IEnumerable<string> ModelsOf(ConfigValues step) =>
        step.Text("type") switch
        {
            PipelineKeys.Model => [step.Text("model")],
            PipelineKeys.Cascade => step.List<ConfigValues>("stages").Select(s => s.Text("model")),
            _ => [],
        };
}
