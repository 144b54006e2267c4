namespace OrleansMl.Core.Serving.Events;

/// <summary>A consumer group.</summary>
/// <param name="Topic">What it consumes.</param>
/// <param name="Name">Its name.</param>
public readonly record struct GroupId(string Topic, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Topic}/{Name}";
}
