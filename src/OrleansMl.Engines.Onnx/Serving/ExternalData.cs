using OrleansMl.Contracts;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>
/// Refuses models that keep tensors in other files. A version is one artifact, so they can't be whole; and ONNX Runtime
/// would read any file beside the model that they name: other artifacts, whose bytes the model could then give away.
/// Reads the protobuf's structure in one pass and passes over the weights.
/// </summary>
internal sealed class ExternalData
{
    private const int MaxDepth = 100;
    private const int BufferBytes = 64 * 1024;
    private const int ExternalDataField = 13;
    private const int DataLocationField = 14;

    private readonly FileStream _file;
    private readonly string _name;

    private ExternalData(FileStream file, string name)
    {
        _file = file;
        _name = name;
    }

    private enum Message
    {
        Other,
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        SparseTensor,
        Function,
        TrainingInfo,
    }

    /// <exception cref="InvalidInputException">The model has external data, or is no protobuf message.</exception>
    public static void Refuse(string path)
    {
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            BufferBytes,
            FileOptions.SequentialScan
        );
        var check = new ExternalData(file, Path.GetFileName(path));
        check.Walk(Message.Model, file.Length, 0);
    }

    /// <summary>The kind of message in a field, by ONNX's field numbers.</summary>
    private static Message Child(Message parent, int field) =>
        (parent, field) switch
        {
            (Message.Model, 7) => Message.Graph,
            (Message.Model, 20) => Message.TrainingInfo,
            (Message.Model, 25) => Message.Function,
            (Message.TrainingInfo, 1 or 2) => Message.Graph,
            (Message.Graph, 1) => Message.Node,
            (Message.Graph, 5) => Message.Tensor,
            (Message.Graph, 15) => Message.SparseTensor,
            (Message.Function, 7) => Message.Node,
            (Message.Function, 11) => Message.Attribute,
            (Message.Node, 5) => Message.Attribute,
            (Message.Attribute, 5 or 10) => Message.Tensor,
            (Message.Attribute, 6 or 11) => Message.Graph,
            (Message.Attribute, 22 or 23) => Message.SparseTensor,
            (Message.SparseTensor, 1 or 2) => Message.Tensor,
            _ => Message.Other,
        };

    private void Walk(Message message, long end, int depth)
    {
        if (depth > MaxDepth)
            throw Malformed($"its graphs are nested deeper than {MaxDepth} levels");
        while (_file.Position < end)
        {
            var key = ReadVarint(end);
            var field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    var value = ReadVarint(end);
                    if (message is Message.Tensor && field == DataLocationField && value != 0)
                        throw External();
                    break;
                case 1:
                    Skip(8, end);
                    break;
                case 2:
                    if (message is Message.Tensor && field == ExternalDataField)
                        throw External();
                    var length = ReadVarint(end);
                    var child = Child(message, field);
                    if (child is Message.Other)
                        Skip(length, end);
                    else if (length > (ulong)(end - _file.Position))
                        throw Malformed("it ends too early");
                    else
                        Walk(child, _file.Position + (long)length, depth + 1);
                    break;
                case 5:
                    Skip(4, end);
                    break;
                default:
                    throw Malformed("its bytes are no protobuf message");
            }
        }
    }

    private void Skip(ulong bytes, long end)
    {
        if (bytes > (ulong)(end - _file.Position))
            throw Malformed("it ends too early");
        _file.Seek((long)bytes, SeekOrigin.Current);
    }

    private ulong ReadVarint(long end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_file.Position >= end)
                throw Malformed("it ends too early");
            var part = _file.ReadByte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw Malformed("its bytes are no protobuf message");
    }

    private InvalidInputException External() =>
        new(
            $"{_name} keeps tensors in other files (external data); save the model as one file, in Python: onnx.save(model, path, save_as_external_data=False)."
        );

    private InvalidInputException Malformed(string why) =>
        new($"{_name} is no ONNX model that can be loaded: {why}.");
}
