using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>A request by a model's signature: values are given by the inputs' names, types and shapes follow from the signature.</summary>
public sealed class SignedRequest
{
    private readonly ModelDescription _model;
    private readonly Dictionary<string, InferenceTensor> _inputs = new(StringComparer.Ordinal);

    internal SignedRequest(ModelDescription model) => _model = model;

    /// <summary>Gives an input its numbers or truth values, row after row.</summary>
    /// <param name="input">The input's name.</param>
    /// <param name="values">All rows' elements. They become the input's datatype where no value is changed by that (floating-point numbers may be rounded).</param>
    /// <exception cref="InvalidInputException">The model has no such input, a value isn't one of its datatype, or the values are no whole number of rows.</exception>
    public SignedRequest Set<T>(string input, params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var tensor = Find(input);
        var data =
            typeof(T) == typeof(bool)
                ? tensor.Datatype == "BOOL"
                    ? MemoryMarshal.AsBytes(values).ToArray()
                    : throw Refused(tensor, "truth values")
                : NumberTensor.Convert(values, tensor);
        return Add(tensor, data, values.Length);
    }

    /// <summary>Gives an input its texts, row after row.</summary>
    /// <exception cref="InvalidInputException">The model has no such input, it takes no texts, or they are no whole number of rows.</exception>
    public SignedRequest Set(string input, params IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var tensor = Find(input);
        if (tensor.Datatype != "BYTES")
            throw Refused(tensor, "texts");
        return Add(tensor, TensorData.Text(input, values, values.Count).Data, values.Count);
    }

    internal InferenceRequest Build()
    {
        if (_model.Inputs.FirstOrDefault(i => !_inputs.ContainsKey(i.Name)) is { } missing)
            throw new InvalidInputException(
                $"the input {ModelText.Of(missing)} of '{_model.Model}@{_model.Version}' was given no values."
            );
        return new InferenceRequest
        {
            Inputs = [.. _model.Inputs.Select(input => _inputs[input.Name])],
        };
    }

    private SignedRequest Add(TensorSignature tensor, ReadOnlyMemory<byte> data, int count)
    {
        if (tensor.Shape.Count(d => d < 0) > 1)
            throw new InvalidInputException(
                $"{ModelText.Of(tensor)} leaves more than one dimension open: give the tensor itself, with its shape, by TensorData."
            );
        var known = TensorData.Elements(tensor.Shape.Where(d => d >= 0));
        var open = tensor.Shape.Any(d => d < 0);
        if (known == 0 || count % known != 0 || (!open && count != known))
            throw new InvalidInputException(
                $"{ModelText.Of(tensor)} can't have {count} elements: expected {(open ? "a multiple of " : "")}{known}."
            );
        _inputs[tensor.Name] = TensorData.Make(
            tensor.Name,
            tensor.Datatype,
            data,
            [.. tensor.Shape.Select(d => d < 0 ? count / known : d)]
        );
        return this;
    }

    private TensorSignature Find(string input) =>
        _model.Inputs.FirstOrDefault(i => i.Name == input)
        ?? throw new InvalidInputException(
            $"'{_model.Model}@{_model.Version}' has no input '{input}', it takes {ModelText.Of(_model.Inputs)}."
        );

    private static InvalidInputException Refused(TensorSignature tensor, string got) =>
        new($"{ModelText.Of(tensor)} takes no {got}.");
}
