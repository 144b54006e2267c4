namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>What a head is to predict.</summary>
internal abstract record TargetColumn
{
    private protected TargetColumn() { }

    /// <summary>A class index a row.</summary>
    public sealed record Category(RowStore<int> Classes) : TargetColumn;

    /// <summary>0 or 1 a row.</summary>
    public sealed record Binary(RowStore<float> Flags) : TargetColumn;

    /// <summary>A value a row in its own unit.</summary>
    public sealed record Number(RowStore<float> Values) : TargetColumn;
}
