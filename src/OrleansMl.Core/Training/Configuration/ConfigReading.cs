namespace OrleansMl.Core.Training.Configuration;

/// <summary>What one reading of a document finds out: errors, and where each key stands.</summary>
internal sealed class ConfigReading(TrainingConfigLimits limits)
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly Dictionary<string, (int Line, int Column)> _places = [];
    private int _unlisted;

    public TrainingConfigLimits Limits => limits;

    public bool Failed => _errors.Count > 0;

    public IReadOnlyDictionary<string, (int Line, int Column)> Places => _places;

    public void Place(string path, ConfigNode node) => _places[path] = (node.Line, node.Column);

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
