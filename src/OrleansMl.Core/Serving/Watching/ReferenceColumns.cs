using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Finds the data set's column of an input or output: named by the policy, by the training's configuration, or by its own name.</summary>
internal sealed class ReferenceColumns
{
    private readonly DatasetManifest? _manifest;
    private readonly SplitStatistics? _statistics;
    private readonly Dictionary<string, string> _names = [];

    public ReferenceColumns(
        ModelVersionSnapshot version,
        DatasetManifest? manifest,
        WatchPolicy policy
    )
    {
        _manifest = manifest;
        _statistics = manifest?.Statistics.FirstOrDefault(s => s.Split == policy.ReferenceSplit);
        if (
            version.Lineage.Config is { } yaml
            && TrainingConfigParser.TryParse(yaml, out var config, out _)
        )
        {
            foreach (var input in config.Inputs)
                _names[input.Name] = input.Column;
            foreach (var output in config.Outputs)
                _names[output.Name] = output.Column;
        }
        foreach (var (name, column) in policy.Columns)
            _names[name] = column;
    }

    /// <summary>Whether there is anything to compare with.</summary>
    public bool Known => _statistics is not null;

    /// <summary>The column and what is known of it, or null.</summary>
    public (DatasetColumn Column, ColumnStatistics Statistics)? Find(string tensor)
    {
        var name = _names.GetValueOrDefault(tensor, tensor);
        var column = _manifest?.Schema.FirstOrDefault(c => c.Name == name);
        var statistics = _statistics?.Columns.FirstOrDefault(c => c.Column == name);
        return column is null || statistics is null ? null : (column, statistics);
    }
}
