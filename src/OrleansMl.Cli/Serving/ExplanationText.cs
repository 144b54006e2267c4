using System.Text.Json;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Cli.Serving;

/// <summary>Shows explained predictions: a line a feature, the largest contribution first.</summary>
internal static class ExplanationText
{
    private const string Prefix = "explanation_";
    private const int MaxShown = 30;

    public static void Show(CliSession session, PredictionResponse response)
    {
        session.Line($"{response.Model}@{response.Version}");
        for (var i = 0; i < response.Predictions.Count; i++)
        {
            var prediction = response.Predictions[i];
            var outputs = prediction.Outputs;
            session.Line(
                $"example {i}: {prediction.Label ?? ""} {outputs[$"{Prefix}value"].GetDouble():0.####}, of the baseline {outputs[$"{Prefix}base"].GetDouble():0.####}"
            );
            session.Table(
                ["feature", "contributes"],
                Contributions(outputs)
                    .OrderByDescending(c => Math.Abs(c.Value))
                    .Take(MaxShown)
                    .Select(
                        IReadOnlyList<string> (c) => [c.Feature, $"{c.Value:+0.####;-0.####;0}"]
                    )
            );
        }
    }

    private static IEnumerable<(string Feature, double Value)> Contributions(
        IReadOnlyDictionary<string, JsonElement> outputs
    ) =>
        outputs
            .Where(o =>
                o.Key.StartsWith(Prefix, StringComparison.Ordinal)
                && o.Value.ValueKind == JsonValueKind.Array
            )
            .SelectMany(o => Elements(o.Key[Prefix.Length..], o.Value, isOnly: true));

    // A feature of one element goes by its name alone; others name the element.
    private static IEnumerable<(string, double)> Elements(
        string name,
        JsonElement value,
        bool isOnly
    )
    {
        if (value.ValueKind != JsonValueKind.Array)
            return [(name, value.GetDouble())];
        var length = value.GetArrayLength();
        return value
            .EnumerateArray()
            .SelectMany(
                (element, i) =>
                    Elements(isOnly && length == 1 ? name : $"{name}[{i}]", element, isOnly: false)
            );
    }
}
