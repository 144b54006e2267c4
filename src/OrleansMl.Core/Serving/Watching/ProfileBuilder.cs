using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Makes a version's profile of its signature, the reference's statistics and the policy.</summary>
public static class ProfileBuilder
{
    /// <summary>Inputs and outputs that are watched; the rest is named as a problem.</summary>
    public const int MaxFeatures = 256;

    /// <summary>Categories with a count of their own.</summary>
    public const int MaxCategories = 100;

    // A column of whole numbers with at most so many values is read as categories where the model takes whole numbers.
    private const int MaxIntegerCategories = 50;

    // Interquartile range of a normal distribution of deviation 1.
    private const double NormalRange = 1.349;

    /// <summary>Makes the profile.</summary>
    /// <param name="version">The version.</param>
    /// <param name="reference">The data set version to compare with; null: none.</param>
    /// <param name="policy">The model's policy, checked.</param>
    public static VersionProfile Build(
        ModelVersionSnapshot version,
        DatasetManifest? reference,
        WatchPolicy policy
    )
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(policy);
        var problems = new List<string>();
        var columns = new ReferenceColumns(version, reference, policy);
        if (reference is null)
            problems.Add(
                "There is no data set to compare with: the version's lineage names none, and the policy neither (watch.reference)."
            );
        else if (!columns.Known)
            problems.Add(
                $"{reference.Id} has no rows in the split '{policy.ReferenceSplit}' to compare with."
            );
        var signature = version.Signature;
        var tensors = signature
            .Inputs.Select(tensor => (Tensor: tensor, IsOutput: false))
            .Concat(signature.Outputs.Select(tensor => (Tensor: tensor, IsOutput: true)))
            .ToList();
        if (tensors.Count > MaxFeatures)
            problems.Add(
                $"The first {MaxFeatures} of {tensors.Count} inputs and outputs are watched."
            );
        FeatureProfile[] features =
        [
            .. tensors
                .Take(MaxFeatures)
                .Select(t => Feature(t.Tensor, t.IsOutput, columns, policy, problems)),
        ];
        return new VersionProfile(
            version.Id,
            columns.Known ? reference!.Id : null,
            policy.WindowSeconds,
            features,
            problems,
            Key(features, policy.WindowSeconds)
        );
    }

    private static FeatureProfile Feature(
        TensorSignature tensor,
        bool isOutput,
        ReferenceColumns columns,
        WatchPolicy policy,
        List<string> problems
    )
    {
        var found = columns.Find(tensor.Name);
        var isText = tensor.Datatype is TensorDatatypes.Bytes or "BOOL";
        var feature = new FeatureProfile
        {
            Name = tensor.Name,
            IsOutput = isOutput,
            Datatype = tensor.Datatype,
            IsCategory = isText,
        };
        if (found is not { } known)
        {
            // Probabilities have no column: what they look like is shown over their range.
            if (isOutput && tensor.Datatype.StartsWith("FP", StringComparison.Ordinal))
                return tensor.Name.Contains("probabilit", StringComparison.Ordinal)
                    ? feature with
                    {
                        Largest = true,
                        Edges = [.. Enumerable.Range(1, 9).Select(i => i / 10.0)],
                    }
                    : feature;
            if (columns.Known)
                problems.Add(
                    $"{(isOutput ? "Output" : "Input")} '{tensor.Name}' is not compared: the reference has no such column; name it in watch.columns."
                );
            return isText
                ? feature with
                {
                    Categories = [FeatureProfile.Other, FeatureProfile.Unseen],
                }
                : feature;
        }
        var (column, statistics) = known;
        var rows = statistics.Count + statistics.Missing;
        feature = feature with
        {
            ExpectedMissing = rows == 0 ? null : (double)statistics.Missing / rows,
        };
        return isText || IsCategory(tensor, column, statistics)
            ? Category(feature, column, statistics)
            : Number(feature, column, statistics, policy.Bins, problems);
    }

    private static bool IsCategory(
        TensorSignature tensor,
        DatasetColumn column,
        ColumnStatistics statistics
    ) =>
        column.Kind == ColumnKind.Integer
        && tensor.Datatype.Contains("INT", StringComparison.Ordinal)
        && !statistics.ValuesTruncated
        && statistics.Values.Count <= MaxIntegerCategories;

    private static FeatureProfile Category(
        FeatureProfile feature,
        DatasetColumn column,
        ColumnStatistics statistics
    )
    {
        var values = statistics.Values;
        var own = values.Take(MaxCategories).ToList();
        var bins = new Dictionary<string, int>(values.Count);
        foreach (var value in values)
            bins[value.Value] = Math.Min(bins.Count, own.Count);
        var others = Math.Max(0, statistics.Count - own.Sum(v => v.Count));
        return feature with
        {
            IsCategory = true,
            Categories = [.. own.Select(v => v.Value), FeatureProfile.Other, FeatureProfile.Unseen],
            CategoryBins = bins.ToFrozenDictionary(),
            CategoriesComplete = !statistics.ValuesTruncated && column.Kind != ColumnKind.Number,
            Expected = statistics.Count == 0 ? [] : [.. own.Select(v => v.Count), others, 0],
        };
    }

    private static FeatureProfile Number(
        FeatureProfile feature,
        DatasetColumn column,
        ColumnStatistics statistics,
        int bins,
        List<string> problems
    )
    {
        var points = Points(column, statistics);
        feature = feature with
        {
            Scale = column.Kind == ColumnKind.Image && feature.Datatype == "UINT8" ? 1 / 255.0 : 1,
            Mean = statistics.Mean,
        };
        if (points.Count == 0)
        {
            problems.Add(
                $"'{feature.Name}' is not compared: the reference keeps no distribution of its column '{column.Name}' (a data set of many columns, or one imported before distributions were kept; import it again)."
            );
            return feature with
            {
                Center = statistics.Mean,
                Spread = statistics.StandardDeviation is > 0 and var deviation ? deviation : null,
            };
        }
        var edges = Edges(points, bins);
        var range = QuantilePoints.ValueAt(points, 0.75) - QuantilePoints.ValueAt(points, 0.25);
        var spread = range > 0 ? range / NormalRange : statistics.StandardDeviation ?? 0;
        return feature with
        {
            Edges = edges,
            Expected = Expected(points, edges),
            Center = QuantilePoints.ValueAt(points, 0.5),
            Spread = spread > 0 ? spread : null,
        };
    }

    private static IReadOnlyList<QuantilePoint> Points(
        DatasetColumn column,
        ColumnStatistics statistics
    ) =>
        column.Kind == ColumnKind.Integer && !statistics.ValuesTruncated
            ? QuantilePoints.Of(statistics.Values.Select(v => (double.Parse(v.Value), v.Count)))
            : statistics.Quantiles;

    // Ends of bins are values of the reference, whose ranks are known there without a guess.
    private static double[] Edges(IReadOnlyList<QuantilePoint> points, int bins)
    {
        // Of one value alone, what matters is whether live ones are below, at or above it.
        if (points[0].Value == points[^1].Value)
            return [Math.BitDecrement(points[0].Value), points[0].Value];
        var edges = new List<double>(bins);
        for (var i = 1; i < bins; i++)
        {
            var value = QuantilePoints.ValueAt(points, (double)i / bins);
            if ((edges.Count == 0 || value > edges[^1]) && value < points[^1].Value)
                edges.Add(value);
        }
        // More than the last bin's share is the largest value: it gets a bin of its own.
        if (edges.Count == 0)
            edges.Add(points[^2].Value);
        return [.. edges];
    }

    private static long[] Expected(IReadOnlyList<QuantilePoint> points, double[] edges)
    {
        var expected = new long[edges.Length + 1];
        var (before, at) = (0L, 0);
        for (var bin = 0; bin < edges.Length; bin++)
        {
            var rank = before;
            while (at < points.Count && points[at].Value <= edges[bin])
                rank = points[at++].Rank;
            expected[bin] = rank - before;
            before = rank;
        }
        expected[^1] = points[^1].Rank - before;
        return expected;
    }

    private static string Key(FeatureProfile[] features, int windowSeconds)
    {
        var text = JsonSerializer.Serialize(
            new
            {
                windowSeconds,
                features = features.Select(f => new
                {
                    f.Name,
                    f.IsOutput,
                    f.Scale,
                    f.Largest,
                    f.Edges,
                    f.Categories,
                    f.Expected,
                    f.CategoriesComplete,
                }),
            }
        );
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}
