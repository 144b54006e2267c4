namespace OrleansMl.Client.Serving.Typed;

/// <summary>How a property stands for a tensor, where its own name doesn't say it. On a record's parameter too.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TensorAttribute : Attribute
{
    /// <summary>Keeps the property's name, for <see cref="Shape"/> alone.</summary>
    public TensorAttribute() { }

    /// <summary>Names the tensor.</summary>
    /// <param name="name">The input's or output's name in the model's signature.</param>
    public TensorAttribute(string name) => Name = name;

    /// <summary>The tensor's name; null: the property's.</summary>
    public string? Name { get; }

    /// <summary>
    /// Dimensions of one row, for flat arrays of which the model leaves more than one dimension open. Default: the model's own, in which
    /// one open dimension is worked out.
    /// </summary>
    public long[]? Shape { get; init; }

    /// <summary>The property stands for no tensor.</summary>
    public bool Ignore { get; init; }
}
