using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Calls of the protocol over gRPC: framed messages of every method that changes nothing. Right ones where nothing is wrong.</summary>
internal static class GrpcGrammar
{
    private const string Service = "/inference.GRPCInferenceService/";

    private static readonly string[] Others =
    [
        "ModelMetadata",
        "ModelReady",
        "ModelConfig",
        "ModelStatistics",
        "RepositoryIndex",
        "ServerMetadata",
        "ServerLive",
        "ServerReady",
        "SystemSharedMemoryStatus",
        "Nothing",
    ];

    private static readonly string[] Names =
    [
        "",
        "X",
        "x\0",
        "../x",
        "y",
        "echo-fp33",
        "UPPER",
        "%00",
    ];

    private static readonly string[] Timeouts =
    [
        "60S",
        "99999999H",
        "1",
        "-1S",
        "S",
        "1x",
        "999999999S",
        "١S",
        "",
    ];

    /// <summary>A call.</summary>
    public static FuzzCase Call(FuzzRandom random, double wrong)
    {
        var model = random.Pick(EchoModel.All);
        var kind = random.Next(20);
        if (kind == 0)
            return Finish(random, random.Pick(Others), [Named(random, model, wrong)], wrong);
        if (kind > 2)
            return Finish(random, "ModelInfer", [Infer(random, model, wrong)], wrong);
        var messages = Enumerable
            .Range(0, random.Next(4))
            .Select(_ => Infer(random, random.Pick(EchoModel.All), wrong));
        return Finish(random, "ModelStreamInfer", [.. messages], wrong);
    }

    private static string Name(FuzzRandom random, string right, double wrong) =>
        !random.Chance(wrong / 6) ? right
        : random.Chance(0.8) ? random.Pick(Names)
        : $"m{random.Next():x}";

    private static WireWriter Named(FuzzRandom random, EchoModel model, double wrong)
    {
        var message = new WireWriter();
        if (!random.Chance(0.1))
            message.Text(1, Name(random, model.Name, wrong));
        if (random.Chance(0.3))
            message.Text(2, random.Pick(["1", "2", "0", "x", "99999999999", "latest"]));
        return message;
    }

    private static WireWriter Infer(FuzzRandom random, EchoModel model, double wrong)
    {
        var message = new WireWriter().Text(1, Name(random, model.Name, wrong));
        if (random.Chance(0.2))
            message.Text(2, random.Chance(wrong) ? random.Pick(["0", "2", "x", "-1"]) : "1");
        if (random.Chance(0.5))
            message.Text(3, $"q{random.Next(1000)}");
        while (random.Chance(0.2))
            message.Message(4, Parameter(random));
        var isRaw = random.Chance(0.5);
        var rows = Shapes.Rows(random);
        var contents = new List<byte[]>();
        foreach (var input in model.Inputs)
        {
            var shape = Shapes.Right(random, input, rows);
            message.Message(
                5,
                Input(random, input, shape, isRaw && !random.Chance(wrong / 10), wrong)
            );
            contents.Add(Elements.Bytes(random, input.Datatype, Shapes.Count(shape), wrong));
            if (random.Chance(wrong / 10))
                message.Message(5, Input(random, input, shape, isRaw, wrong));
        }
        if (random.Chance(0.3))
        {
            foreach (var input in model.Inputs)
                message.Message(6, Output(random, input, wrong));
        }
        if (isRaw)
        {
            foreach (var content in contents)
                message.Bytes(7, content);
            if (random.Chance(wrong / 10))
                message.Bytes(7, random.Bytes(random.Next(20)));
        }
        if (random.Chance(wrong / 6))
            message.Number(random.Pick([1, 5, 7, 99, 536870911]), random.Next());
        return message;
    }

    private static WireWriter Parameter(FuzzRandom random)
    {
        var value = new WireWriter();
        switch (random.Next(7))
        {
            case 0:
                value.Number(1, (ulong)random.Next(2));
                break;
            case 1:
                value.Number(
                    2,
                    random.Pick<ulong>([0, 1, ulong.MaxValue, long.MaxValue, 60_000_000])
                );
                break;
            case 2:
                value.Text(3, random.Pick(["", "x", "{\"baseline\":\"zero\"}", "{", "[]", "null"]));
                break;
            case 3:
                value.Double(4, random.Pick<double>([0, double.NaN, 1e300]));
                break;
            case 4:
                value.Number(5, random.Pick<ulong>([0, 1, ulong.MaxValue, 60_000_000]));
                break;
            case 5:
                // Two choices of one: the last counts.
                value.Number(2, 1).Text(3, "x");
                break;
            default:
                break;
        }
        var entry = new WireWriter().Text(
            1,
            random.Pick([
                "priority",
                "timeout",
                "sequence_id",
                "sequence_start",
                "sequence_end",
                "binary_data_output",
                "explain",
                "shared_memory_region",
                "else",
                "",
            ])
        );
        return random.Chance(0.9) ? entry.Message(2, value) : entry;
    }

    private static WireWriter Output(FuzzRandom random, EchoInput input, double wrong)
    {
        var output = new WireWriter().Text(1, $"{Name(random, input.Name, wrong)}_out");
        if (random.Chance(0.3))
            output.Message(
                2,
                new WireWriter()
                    .Text(1, random.Pick(["classification", "binary_data", "shared_memory_region"]))
                    .Message(
                        2,
                        new WireWriter().Number(2, random.Pick<ulong>([0, 1, 2, ulong.MaxValue]))
                    )
            );
        return output;
    }

    private static WireWriter Input(
        FuzzRandom random,
        EchoInput input,
        long[] shape,
        bool isRaw,
        double wrong
    )
    {
        var message = new WireWriter()
            .Text(1, Name(random, input.Name, wrong))
            .Text(
                2,
                random.Chance(wrong / 4)
                    ? random.Pick(["BF16", "", "FP8", .. EchoModel.Datatypes])
                    : input.Datatype
            );
        foreach (var dimension in Shapes.Written(random, shape, wrong))
            message.Number(
                3,
                long.TryParse(dimension, CultureInfo.InvariantCulture, out var number)
                    ? (ulong)number
                    : random.Next()
            );
        if (!isRaw)
            message.Message(5, Contents(random, input.Datatype, Shapes.Count(shape), wrong));
        return message;
    }

    private static WireWriter Contents(FuzzRandom random, string datatype, int count, double wrong)
    {
        var contents = new WireWriter();
        if (random.Chance(wrong / 3))
            datatype = random.Pick(EchoModel.Datatypes);
        if (random.Chance(wrong / 3))
            count += random.Next(3) - 1;
        var field = datatype switch
        {
            "BOOL" => 1,
            "INT8" or "INT16" or "INT32" => 2,
            "INT64" => 3,
            "UINT8" or "UINT16" or "UINT32" => 4,
            "UINT64" => 5,
            "FP32" => 6,
            "FP64" => 7,
            _ => 8,
        };
        switch (field)
        {
            case 8:
                for (var i = 0; i < count; i++)
                    contents.Bytes(8, random.Bytes(random.Next(6)));
                break;
            case 6 or 7:
                contents.Bytes(
                    field,
                    Elements.Bytes(random, field == 6 ? "FP32" : "FP64", Math.Max(0, count), wrong)
                );
                break;
            default:
                var packed = new WireWriter();
                for (var i = 0; i < count; i++)
                    packed.Varint(
                        random.Chance(wrong / 6)
                            ? random.Next()
                            : (ulong)random.Next(field == 1 ? 2 : 128)
                    );
                contents.Bytes(field, packed.ToArray());
                break;
        }
        return contents;
    }

    private static FuzzCase Finish(
        FuzzRandom random,
        string method,
        IReadOnlyList<WireWriter> messages,
        double wrong
    )
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new("content-type", "application/grpc"),
            new("te", "trailers"),
        };
        if (random.Chance(0.05))
            headers.Add(new("grpc-timeout", random.Pick(Timeouts)));
        var isPacked = random.Chance(0.04);
        if (isPacked)
            headers.Add(
                new(
                    "grpc-encoding",
                    random.Chance(wrong) ? random.Pick(["br", "", "identity"]) : "gzip"
                )
            );
        using var body = new MemoryStream();
        Span<byte> frame = stackalloc byte[5];
        foreach (var message in messages)
        {
            var bytes = message.ToArray();
            if (isPacked)
                bytes = Gzip(bytes);
            frame[0] = (byte)(
                random.Chance(wrong / 20) ? random.Next(256)
                : isPacked ? 1
                : 0
            );
            BinaryPrimitives.WriteUInt32BigEndian(
                frame[1..],
                random.Chance(wrong / 10)
                    ? random.Pick<uint>([
                        0,
                        (uint)bytes.Length + 1,
                        (uint)bytes.Length / 2,
                        0x7FFFFFFF,
                        uint.MaxValue,
                    ])
                    : (uint)bytes.Length
            );
            body.Write(frame);
            body.Write(bytes);
        }
        return new FuzzCase(Service + method, headers, body.ToArray());
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(bytes);
        return packed.ToArray();
    }
}
