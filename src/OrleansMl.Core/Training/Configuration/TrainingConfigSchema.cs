using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>The published JSON Schema of training configurations, read off the same description as the parser.</summary>
public static class TrainingConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>The schema, draft 7, indented.</summary>
    public static string ToJson()
    {
        var schema = TrainingConfigKeys.Document.ToJsonSchema();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", "OrleansMl training run");
        schema.Insert(
            2,
            "description",
            "What to train, on what, and how. Rules between keys are checked by the parser alone."
        );
        return schema.ToJsonString(Indented) + "\n";
    }
}
