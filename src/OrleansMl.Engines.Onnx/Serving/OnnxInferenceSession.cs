using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>A model version in ONNX Runtime; calls run on their callers' threads, side by side.</summary>
internal sealed class OnnxInferenceSession(
    InferenceSession session,
    ModelSignature signature,
    long maxOutputBytes
) : IInferenceSession
{
    private readonly CallGate _gate = new();
    private readonly RunOptions _options = new()
    {
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
    private readonly string[] _outputs = [.. signature.Outputs.Select(o => o.Name)];

    public ModelSignature Signature => signature;

    public long InlineVolume { get; set; }

    /// <summary>Makes the calls in flight, and all later ones, end with an error.</summary>
    public void Terminate() => _options.Terminate = true;

    public IReadOnlyList<InferenceTensor> Run(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        TensorMemory? memory = null
    )
    {
        if (!_gate.TryEnter())
        {
            throw new UnavailableException(
                "the model version is being unloaded; ask again and it is loaded anew."
            );
        }
        try
        {
            return RunInside(inputs, outputs.Count == 0 ? _outputs : outputs, memory);
        }
        finally
        {
            _gate.Exit();
        }
    }

    public void Dispose()
    {
        if (!_gate.CloseAndWait())
            return;
        session.Dispose();
        _options.Dispose();
        _gate.Dispose();
    }

    private InferenceTensor[] RunInside(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        TensorMemory? memory
    )
    {
        CheckNames(inputs, outputs);
        var names = new string[inputs.Count];
        var values = new OrtValue[inputs.Count];
        var pins = new MemoryHandle[inputs.Count];
        var made = 0;
        try
        {
            for (; made < inputs.Count; made++)
            {
                names[made] = inputs[made].Name;
                values[made] = OnnxTensors.ToValue(inputs[made], out pins[made]);
            }
            using var results = session.Run(_options, names, values, outputs);
            var tensors = new InferenceTensor[outputs.Count];
            for (var i = 0; i < tensors.Length; i++)
                tensors[i] = OnnxTensors.ToTensor(outputs[i], results[i], maxOutputBytes, memory);
            return tensors;
        }
        catch (OnnxRuntimeException e)
        {
            throw OnnxErrors.OfRun(e);
        }
        finally
        {
            for (var i = 0; i < made; i++)
            {
                values[i].Dispose();
                pins[i].Dispose();
            }
        }
    }

    private void CheckNames(IReadOnlyList<InferenceTensor> inputs, IReadOnlyList<string> outputs)
    {
        for (var i = 0; i < signature.Inputs.Count; i++)
        {
            var name = signature.Inputs[i].Name;
            // In the signature's order as a rule: then this looks at one name.
            if ((i >= inputs.Count || inputs[i].Name != name) && !Contains(inputs, name))
                throw new InvalidInputException($"the input '{name}' is missing.");
        }
        if (inputs.Count != signature.Inputs.Count)
        {
            throw new InvalidInputException(
                $"expected the {signature.Inputs.Count} inputs {string.Join(", ", signature.Inputs.Select(t => $"'{t.Name}'"))}, got {inputs.Count} tensors."
            );
        }
        if (ReferenceEquals(outputs, _outputs))
            return;
        foreach (var output in outputs)
        {
            if (!_outputs.Contains(output))
            {
                throw new InvalidInputException(
                    $"unknown output '{output}'; the model gives {string.Join(", ", _outputs.Select(o => $"'{o}'"))}."
                );
            }
        }
    }

    private static bool Contains(IReadOnlyList<InferenceTensor> inputs, string name)
    {
        foreach (var input in inputs)
        {
            if (input.Name == name)
                return true;
        }
        return false;
    }
}
