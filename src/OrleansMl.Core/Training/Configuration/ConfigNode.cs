namespace OrleansMl.Core.Training.Configuration;

/// <summary>A node of the YAML document with its place.</summary>
internal abstract record ConfigNode(int Line, int Column)
{
    /// <summary>Nodes in it, itself and every use of an alias included.</summary>
    public abstract long Size { get; }

    /// <summary>Levels of mappings and lists in it.</summary>
    public abstract int Depth { get; }

    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}
