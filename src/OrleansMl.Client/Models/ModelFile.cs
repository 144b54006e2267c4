namespace OrleansMl.Client.Models;

/// <summary>A file of a model version.</summary>
public enum ModelFile
{
    /// <summary>The ONNX graph that serves, preprocessing inside.</summary>
    Onnx = 0,

    /// <summary>The weights that training goes on from, safetensors. Imported versions have none.</summary>
    Weights = 1,
}
