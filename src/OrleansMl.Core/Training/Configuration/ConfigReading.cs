namespace OrleansMl.Core.Training.Configuration;

/// <summary>What one reading of a document finds out: errors, and where each key stands.</summary>
internal sealed class ConfigReading(
    TrainingConfigLimits limits,
    IReadOnlyDictionary<string, (int Line, int Column)>? places = null
)
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly Dictionary<string, (int Line, int Column)> _places = new(places ?? Nowhere);
    private static readonly Dictionary<string, (int Line, int Column)> Nowhere = [];
    private int _unlisted;

    public TrainingConfigLimits Limits => limits;

    public bool Failed => _errors.Count > 0;

    public IReadOnlyDictionary<string, (int Line, int Column)> Places => _places;

    public void Place(string path, ConfigNode node) => _places[path] = (node.Line, node.Column);

    /// <summary>Reports an error at a key's place; a key that was left to its default has none, but its mapping does.</summary>
    public void ReportKey(string path, string key, string message)
    {
        var full = path.Length == 0 ? key : $"{path}.{key}";
        var (line, column) =
            _places.TryGetValue(full, out var place) ? place
            : _places.TryGetValue(path, out var outer) ? outer
            : (1, 1);
        Report(line, column, full, message);
    }

    public void Report(ConfigNode node, string path, string message) =>
        Report(node.Line, node.Column, path, message);

    public void Report(int line, int column, string path, string message)
    {
        if (_errors.Count < limits.MaxErrors)
            _errors.Add(new ConfigurationError(line, column, path, message));
        else
            _unlisted++;
    }

    /// <summary>The errors in the document's order.</summary>
    public IReadOnlyList<ConfigurationError> Errors()
    {
        var errors = _errors.OrderBy(e => e.Line).ThenBy(e => e.Column).ToList();
        if (_unlisted > 0)
        {
            var last = errors[^1];
            errors.Add(
                new ConfigurationError(
                    last.Line,
                    last.Column,
                    "",
                    $"and {_unlisted} more errors that are not listed."
                )
            );
        }
        return errors;
    }
}
