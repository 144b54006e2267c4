namespace OrleansMl.Core.Training.Architectures;

/// <summary>Body(x) + Shortcut(x); an empty shortcut is x itself (He et al. 2016, section 3.2).</summary>
/// <param name="Body">The residual branch.</param>
/// <param name="Shortcut">The other branch.</param>
public sealed record ResidualLayer(IReadOnlyList<Layer> Body, IReadOnlyList<Layer> Shortcut)
    : Layer;
