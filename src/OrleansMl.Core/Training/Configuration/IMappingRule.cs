namespace OrleansMl.Core.Training.Configuration;

/// <summary>A rule for a mapping of known keys.</summary>
internal interface IMappingRule
{
    /// <summary>What an empty mapping means.</summary>
    ConfigValues Defaults();
}
