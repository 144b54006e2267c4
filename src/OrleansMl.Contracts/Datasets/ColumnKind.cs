namespace OrleansMl.Contracts.Datasets;

/// <summary>What one column of a dataset holds.</summary>
[GenerateSerializer]
[Alias("oml.ColumnKind")]
public enum ColumnKind
{
    /// <summary>A 64-bit floating-point number; a missing value is null.</summary>
    Number = 0,

    /// <summary>A 64-bit whole number.</summary>
    Integer = 1,

    /// <summary>True or false.</summary>
    Boolean = 2,

    /// <summary>UTF-8 text, also the values of a category.</summary>
    Text = 3,

    /// <summary>Pixels, 8 bits each, in the order height, width, channels; <see cref="DatasetColumn.Shape"/> gives the three.</summary>
    Image = 4,

    /// <summary>32-bit floating-point numbers, as many as <see cref="DatasetColumn.Shape"/> says.</summary>
    Vector = 5,
}
