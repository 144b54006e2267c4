namespace OrleansMl.Silo.Operations;

/// <summary>The configuration or command line is wrong; each error names the key, what was expected and what came.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>What is wrong.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
