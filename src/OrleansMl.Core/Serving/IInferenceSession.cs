using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>A loaded model, shared by threads. Disposing waits for calls in flight.</summary>
public interface IInferenceSession : IDisposable
{
    /// <summary>What it takes and gives.</summary>
    ModelSignature Signature { get; }

    /// <summary>
    /// The largest <see cref="InferenceVolume"/> of a call that is known to take well under a millisecond, so that it may
    /// run inline on the caller's thread; 0: none may.
    /// </summary>
    long InlineVolume { get; }

    /// <summary>Runs the model on validated inputs.</summary>
    /// <param name="inputs">All inputs, whose memory the model reads in place.</param>
    /// <param name="outputs">Outputs wanted, in this order; none means all.</param>
    /// <param name="memory">Where the outputs' memory is rented; null: it is the garbage collector's.</param>
    /// <exception cref="Contracts.InvalidInputException">The model refused the values.</exception>
    IReadOnlyList<InferenceTensor> Run(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        TensorMemory? memory = null
    );
}
