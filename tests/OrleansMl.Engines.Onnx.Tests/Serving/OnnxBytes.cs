using System.Buffers.Binary;
using System.Text;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

/// <summary>Writes the few protobuf messages of ONNX that the tests' models need; field numbers are the format's.</summary>
internal static class OnnxBytes
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const int Text = 8;
    public const int Bool = 9;
    public const int BFloat16 = 16;
    public const int Float8 = 17;

    public static byte[] Model(byte[] graph, int opset = 17) =>
        [
            .. Number(1, opset > 17 ? 9 : 8),
            .. Message(8, [.. Message(1, []), .. Number(2, opset)]),
            .. Message(7, graph),
        ];

    public static byte[] Graph(params byte[][] parts) =>
        [.. Message(2, "tests"u8), .. parts.SelectMany(p => p)];

    public static byte[] Input(string name, int type, params object[] shape) =>
        Message(11, Tensor(name, type, shape));

    public static byte[] Output(string name, int type, params object[] shape) =>
        Message(12, Tensor(name, type, shape));

    public static byte[] SequenceOutput(string name, int type) =>
        Message(
            12,
            [
                .. Message(1, Encoding.UTF8.GetBytes(name)),
                .. Message(2, Message(4, Message(1, Message(1, Number(1, type))))),
            ]
        );

    public static byte[] Node(
        string op,
        string[] inputs,
        string[] outputs,
        params byte[][] attributes
    ) =>
        Message(
            1,
            [
                .. inputs.SelectMany(i => Message(1, Encoding.UTF8.GetBytes(i))),
                .. outputs.SelectMany(o => Message(2, Encoding.UTF8.GetBytes(o))),
                .. Message(4, Encoding.UTF8.GetBytes(op)),
                .. attributes.SelectMany(a => a),
            ]
        );

    public static byte[] IntegerAttribute(string name, long value) =>
        Message(
            5,
            [.. Message(1, Encoding.UTF8.GetBytes(name)), .. Number(3, value), .. Number(20, 2)]
        );

    public static byte[] GraphAttribute(string name, byte[] graph) =>
        Message(
            5,
            [.. Message(1, Encoding.UTF8.GetBytes(name)), .. Message(6, graph), .. Number(20, 5)]
        );

    /// <summary>A constant; an empty shape makes a scalar.</summary>
    public static byte[] Constant(string name, int type, long[] shape, byte[] raw) =>
        Message(
            5,
            [
                .. shape.SelectMany(d => Number(1, d)),
                .. Number(2, type),
                .. Message(8, Encoding.UTF8.GetBytes(name)),
                .. Message(9, raw),
            ]
        );

    /// <summary>A constant of three floats that another file holds.</summary>
    public static byte[] ExternalConstant(string name, string file) =>
        Message(
            5,
            [
                .. Number(1, 3),
                .. Number(2, Float),
                .. Message(8, Encoding.UTF8.GetBytes(name)),
                .. Message(
                    13,
                    [.. Message(1, "location"u8), .. Message(2, Encoding.UTF8.GetBytes(file))]
                ),
                .. Number(14, 1),
            ]
        );

    public static byte[] Raw(long value)
    {
        var raw = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(raw, value);
        return raw;
    }

    public static byte[] Raw(params float[] values)
    {
        var raw = new byte[4 * values.Length];
        Buffer.BlockCopy(values, 0, raw, 0, raw.Length);
        return raw;
    }

    private static byte[] Tensor(string name, int type, object[] shape) =>
        [
            .. Message(1, Encoding.UTF8.GetBytes(name)),
            .. Message(
                2,
                Message(
                    1,
                    [
                        .. Number(1, type),
                        .. Message(
                            2,
                            [
                                .. shape.SelectMany(d =>
                                    Message(
                                        1,
                                        d is string symbol
                                            ? Message(2, Encoding.UTF8.GetBytes(symbol))
                                            : Number(1, Convert.ToInt64(d))
                                    )
                                ),
                            ]
                        ),
                    ]
                )
            ),
        ];

    private static byte[] Number(int field, long value) =>
        [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static byte[] Message(int field, ReadOnlySpan<byte> content) =>
        [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        while (value >= 128)
        {
            bytes.Add((byte)(value | 128));
            value >>= 7;
        }
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
