using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Engines.Torch.Export.Ir;
using DataType = OrleansMl.Engines.Torch.Export.Ir.TensorProto.Types.DataType;

namespace OrleansMl.Engines.Torch.Export;

/// <summary>Adds nodes and constants to a graph, giving each value a name of its own.</summary>
internal sealed class GraphWriter(GraphProto graph)
{
    /// <summary>Adds an operator with one output, and returns that output's name: the given one, or a fresh one.</summary>
    public string Node(
        string operatorType,
        IReadOnlyList<string> inputs,
        IEnumerable<AttributeProto>? attributes = null,
        string? output = null,
        string domain = ""
    )
    {
        output ??= $"{operatorType.ToLowerInvariant()}_{graph.Node.Count}";
        var node = new NodeProto
        {
            OpType = operatorType,
            Name = $"{operatorType}_{graph.Node.Count}",
            Domain = domain,
        };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        if (attributes is not null)
            node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds weights, row-major, under their own name.</summary>
    public string Weights(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException(
                "ONNX raw data is little-endian; so must this machine be."
            );
        var tensor = NewTensor(name, shape, DataType.Float);
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        return name;
    }

    /// <summary>Adds a constant of floats; no shape makes it a scalar.</summary>
    public string Floats(IReadOnlyList<long> shape, params ReadOnlySpan<float> values) =>
        Weights($"constant_{graph.Initializer.Count}", shape, values);

    /// <summary>Adds a one-dimensional constant of whole numbers.</summary>
    public string Integers(params ReadOnlySpan<long> values)
    {
        var name = $"constant_{graph.Initializer.Count}";
        var bytes = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        NewTensor(name, [values.Length], DataType.Int64).RawData = ByteString.CopyFrom(bytes);
        return name;
    }

    /// <summary>Adds a one-dimensional constant of texts.</summary>
    public string Texts(IReadOnlyList<string> values)
    {
        var name = $"constant_{graph.Initializer.Count}";
        NewTensor(name, [values.Count], DataType.String)
            .StringData.AddRange(values.Select(ByteString.CopyFromUtf8));
        return name;
    }

    /// <summary>An attribute of one whole number.</summary>
    public static AttributeProto Integer(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Int,
            I = value,
        };

    /// <summary>An attribute of one real number.</summary>
    public static AttributeProto Real(string name, float value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Float,
            F = value,
        };

    /// <summary>An attribute of whole numbers.</summary>
    public static AttributeProto IntegerList(string name, params IEnumerable<long> values)
    {
        var attribute = new AttributeProto
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Ints,
        };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>An attribute of texts.</summary>
    public static AttributeProto TextList(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Strings,
        };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    private TensorProto NewTensor(string name, IReadOnlyList<long> shape, DataType type)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return tensor;
    }
}
