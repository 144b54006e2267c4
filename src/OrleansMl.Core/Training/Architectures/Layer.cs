namespace OrleansMl.Core.Training.Architectures;

/// <summary>
/// One step of a network. A list of layers is the single architecture specification: Engines.Torch builds the module
/// from it and its exporter builds the ONNX graph from it, so the two can't drift apart.
/// </summary>
public abstract record Layer
{
    private protected Layer() { }
}
