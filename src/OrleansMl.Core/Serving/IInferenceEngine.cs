using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving;

/// <summary>Loads models for inference. Implemented by Engines.Onnx.</summary>
public interface IInferenceEngine
{
    /// <summary>Reads what an ONNX file takes and gives, by loading it once.</summary>
    /// <exception cref="Contracts.InvalidInputException">The file is no model that this engine can load; the message says why.</exception>
    ModelSignature ReadSignature(string path);

    /// <summary>Loads a model and runs it once (invariant 7). Blocks; call it off the thread pool.</summary>
    /// <exception cref="Contracts.InvalidInputException">The file can't be loaded or gives other outputs than its signature says.</exception>
    IInferenceSession Load(string path, ModelSignature signature);
}
