namespace OrleansMl.Contracts.Datasets;

/// <summary>How rows were put into splits.</summary>
[GenerateSerializer]
[Alias("oml.SplitKind")]
public enum SplitKind
{
    /// <summary>By a hash of the row's content and the seed: the same row is in the same split whatever stands around it.</summary>
    Hash = 0,

    /// <summary>By a random sequence from the seed and the row's position.</summary>
    Random = 1,

    /// <summary>The source said it: separate files, or a column.</summary>
    Given = 2,
}
