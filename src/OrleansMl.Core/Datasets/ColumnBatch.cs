namespace OrleansMl.Core.Datasets;

/// <summary>A column's values for some rows; which array is set follows from the column's kind.</summary>
public sealed record ColumnBatch
{
    /// <summary>Number and Integer-as-number: a value a row, NaN where missing.</summary>
    public double[]? Numbers { get; init; }

    /// <summary>Integer: a value a row; see <see cref="Missing"/>.</summary>
    public long[]? Integers { get; init; }

    /// <summary>Boolean: a value a row; see <see cref="Missing"/>.</summary>
    public bool[]? Booleans { get; init; }

    /// <summary>Text: a value a row, null where missing.</summary>
    public string?[]? Texts { get; init; }

    /// <summary>Image: height × width × channels bytes a row, rows one after the other.</summary>
    public byte[]? Pixels { get; init; }

    /// <summary>Vector: length floats a row, rows one after the other.</summary>
    public float[]? Vectors { get; init; }

    /// <summary>Integer and Boolean columns that are nullable: which rows lack a value.</summary>
    public bool[]? Missing { get; init; }
}
