using System.IO.Compression;
using System.Text;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Requests of inference over HTTP: JSON, JSON with binary tensors, raw bodies, examples by name. Right ones where nothing is wrong.</summary>
internal static class HttpGrammar
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    private static readonly string[] Names =
    [
        "",
        "X",
        "x\\u0000",
        "x\\ud800",
        "inputs",
        "𝔵",
        "../x",
        "x_out",
        "y",
    ];

    private static readonly string[] Parameters =
    [
        "\"priority\":1",
        "\"priority\":0",
        "\"priority\":-1",
        "\"priority\":2147483648",
        "\"timeout\":0",
        "\"timeout\":60000000",
        "\"timeout\":86400000001",
        "\"timeout\":-5",
        "\"sequence_id\":0",
        "\"sequence_id\":\"\"",
        "\"sequence_id\":{}",
        "\"sequence_start\":1",
        "\"sequence_end\":false",
        "\"binary_data_output\":true",
        "\"binary_data_output\":false",
        "\"binary_data_output\":\"yes\"",
        "\"explain\":null",
        "\"explain\":{\"baseline\":\"zero\"}",
        "\"explain\":{\"baseline\":\"zero\",\"method\":\"shapley-sampling\",\"samples\":3,\"seed\":1}",
        "\"explain\":{\"baseline\":\"mean\",\"target\":99}",
        "\"explain\":{\"baseline\":\"zero\",\"target\":-1,\"patch\":0}",
        "\"explain\":{\"samples\":2147483647}",
        "\"explain\":{\"output\":\"x_out\",\"baseline\":\"zero\",\"patch\":2}",
        "\"explain\":[1]",
        "\"else\":[{},[],null,\"\\ud83d\"]",
        "\"\\u0065lse\":1",
    ];

    private static readonly string[] HeaderLengths =
    [
        "",
        "-1",
        "+1",
        "0",
        "1",
        "00",
        "0x10",
        "1e1",
        "1,1",
        "2147483647",
        "2147483648",
        "99999999999999999999",
        "abc",
        "１",
    ];

    private static readonly string[] ContentTypes =
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/octet-stream",
        "application/problem+json",
        "text/plain",
        "application/xml; a=\"",
        "",
        "multipart/form-data",
    ];

    private static readonly string[] Encodings =
    [
        "br",
        "gzip, deflate",
        "identity",
        "",
        "x-gzip",
        "GZIP",
        "deflate",
        "gzip",
    ];

    private static readonly string[] References =
    [
        "0",
        "2",
        "-1",
        "99999999999999999999",
        "latest",
        "champion",
        "none",
        "1.0",
        "%01",
        "1%2f..",
        "１",
    ];

    private static readonly string[] Models =
    [
        "absent",
        "UPPER",
        "%ff",
        "..",
        "a%20b",
        "echo-fp33",
    ];

    /// <summary>A request of JSON alone.</summary>
    public static FuzzCase Json(FuzzRandom random, double wrong)
    {
        if (random.Chance(0.15))
            return Examples(random, wrong);
        var model = random.Pick(EchoModel.All);
        var body = Encoding.UTF8.GetBytes(Request(random, model, wrong, null));
        return Finish(random, Path(random, model, wrong), "application/json", null, body, wrong);
    }

    /// <summary>A request with binary tensors, or a raw body.</summary>
    public static FuzzCase Binary(FuzzRandom random, double wrong)
    {
        var model = random.Pick(EchoModel.All);
        if (random.Chance(0.2))
        {
            var input = model.Inputs[0];
            var raw = Elements.Bytes(
                random,
                input.Datatype,
                Shapes.Count(Shapes.Right(random, input, 1)),
                wrong
            );
            return Finish(
                random,
                Path(random, model, wrong),
                "application/octet-stream",
                0,
                raw,
                wrong
            );
        }
        using var tensors = new MemoryStream();
        var json = Encoding.UTF8.GetBytes(Request(random, model, wrong, tensors));
        return Finish(
            random,
            Path(random, model, wrong),
            "application/octet-stream",
            json.Length,
            [.. json, .. tensors.ToArray()],
            wrong
        );
    }

    private static FuzzCase Examples(FuzzRandom random, double wrong)
    {
        var model = random.Pick(EchoModel.All);
        var rows = Shapes.Rows(random);
        var instances = Enumerable
            .Range(0, rows)
            .Select(_ =>
            {
                var values = model.Inputs.Select(input =>
                    (
                        Name(random, input, wrong),
                        Nested(random, input, [.. Shapes.Right(random, input, 1).Skip(1)], wrong)
                    )
                );
                return model.Inputs.Length == 1 && random.Chance(0.3)
                    ? values.First().Item2
                    : $"{{{string.Join(',', values.Select(value => $"\"{value.Item1}\":{value.Item2}"))}}}";
            });
        var parameters = random.Chance(0.1) ? $",\"parameters\":{{{random.Pick(Parameters)}}}" : "";
        var body = Encoding.UTF8.GetBytes(
            $"{{\"instances\":[{string.Join(',', instances)}]{parameters}}}"
        );
        var path = $"/api/v1/models/{ModelName(random, model, wrong)}/predict";
        return Finish(random, path, "application/json", null, body, wrong);
    }

    private static string Path(FuzzRandom random, EchoModel model, double wrong)
    {
        var name = ModelName(random, model, wrong);
        return random.Chance(0.8) ? $"/v2/models/{name}/infer"
            : random.Chance(wrong) ? $"/v2/models/{name}/versions/{random.Pick(References)}/infer"
            : $"/v2/models/{name}/versions/1/infer";
    }

    private static string ModelName(FuzzRandom random, EchoModel model, double wrong) =>
        !random.Chance(wrong / 10) ? model.Name
        : random.Chance(0.5) ? random.Pick(Models)
        : $"m{random.Next():x}";

    private static string Name(FuzzRandom random, EchoInput input, double wrong) =>
        random.Chance(wrong / 3) ? random.Pick(Names) : input.Name;

    // Tensors that go behind the JSON are written to the stream.
    private static string Request(
        FuzzRandom random,
        EchoModel model,
        double wrong,
        MemoryStream? tensors
    )
    {
        var members = new List<string>();
        if (random.Chance(0.5))
            members.Add(random.Chance(wrong) ? "\"id\":[7]" : $"\"id\":\"q{random.Next(1000)}\"");
        var rows = Shapes.Rows(random);
        var inputs = model
            .Inputs.Select(input => Input(random, input, rows, wrong, tensors))
            .ToList();
        if (random.Chance(wrong / 4))
            inputs.Add(random.Chance(0.5) ? inputs[0] : "{}");
        if (random.Chance(wrong / 40))
            inputs = [.. Enumerable.Repeat(inputs[0], 1 + random.Next(400))];
        if (!random.Chance(wrong / 6))
            members.Add($"\"inputs\":[{string.Join(',', inputs)}]");
        if (random.Chance(0.3))
            members.Add($"\"outputs\":[{Outputs(random, model, wrong)}]");
        if (random.Chance(0.3))
            members.Add(
                $"\"parameters\":{{{string.Join(',', Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Parameter(random, wrong)))}}}"
            );
        if (random.Chance(wrong / 4))
            members.Add(random.Pick(members.Count > 0 ? members : ["\"a\":1"]));
        // Members may come in any order.
        for (var i = members.Count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (members[i], members[j]) = (members[j], members[i]);
        }
        return $"{{{string.Join(',', members)}}}";
    }

    private static string Parameter(FuzzRandom random, double wrong) =>
        random.Chance(Math.Max(wrong, 0.3)) ? random.Pick(Parameters) : "\"priority\":1";

    private static string Outputs(FuzzRandom random, EchoModel model, double wrong)
    {
        var outputs = model.Inputs.Select(input =>
        {
            var name = $"{Name(random, input, wrong)}_out";
            return random.Next(5) switch
            {
                0 => $"{{\"name\":\"{name}\",\"parameters\":{{\"binary_data\":true}}}}",
                1 =>
                    $"{{\"name\":\"{name}\",\"parameters\":{{\"classification\":{random.Pick(["1", "2", "2147483647", "0", "-1"])}}}}}",
                2 when random.Chance(wrong) => random.Pick([
                    "{}",
                    "null",
                    "{\"name\":null}",
                    "{\"name\":1}",
                    "{\"parameters\":[]}",
                ]),
                _ => $"{{\"name\":\"{name}\"}}",
            };
        });
        if (random.Chance(wrong / 20))
            outputs = Enumerable.Repeat(outputs.First(), 1 + random.Next(600));
        return string.Join(',', outputs);
    }

    private static string Input(
        FuzzRandom random,
        EchoInput input,
        int rows,
        double wrong,
        MemoryStream? tensors
    )
    {
        var shape = Shapes.Right(random, input, rows);
        var datatype = random.Chance(wrong / 3)
            ? random.Pick(["BF16", "FP8", "fp32", "", .. EchoModel.Datatypes])
            : input.Datatype;
        var members = new List<string>
        {
            $"\"name\":\"{Name(random, input, wrong)}\"",
            $"\"datatype\":\"{datatype}\"",
            $"\"shape\":[{string.Join(',', Shapes.Written(random, shape, wrong))}]",
        };
        if (tensors is not null && random.Chance(0.9))
        {
            var bytes = Elements.Bytes(random, input.Datatype, Shapes.Count(shape), wrong);
            tensors.Write(bytes);
            var size = random.Chance(wrong)
                ? random.Pick([
                    "-1",
                    "0",
                    "1e9",
                    "9223372036854775807",
                    "\"8\"",
                    $"{bytes.Length + 1}",
                ])
                : $"{bytes.Length}";
            members.Add($"\"parameters\":{{\"binary_data_size\":{size}}}");
        }
        else
        {
            members.Add(
                $"\"data\":{(random.Chance(0.5) ? Flat(random, input, shape, wrong) : Nested(random, input, shape, wrong))}"
            );
        }
        if (random.Chance(wrong / 3))
            members.RemoveAt(random.Next(members.Count));
        if (random.Chance(wrong / 3) && members.Count > 0)
            members.Add(random.Pick(members));
        if (random.Chance(0.2))
            members.Reverse();
        return $"{{{string.Join(',', members)}}}";
    }

    private static string Flat(FuzzRandom random, EchoInput input, long[] shape, double wrong)
    {
        var count = Shapes.Count(shape) + (random.Chance(wrong / 2) ? random.Next(3) - 1 : 0);
        return $"[{string.Join(',', Enumerable.Range(0, Math.Max(0, count)).Select(_ => Elements.Json(random, input.Datatype, wrong / 4)))}]";
    }

    private static string Nested(FuzzRandom random, EchoInput input, long[] shape, double wrong)
    {
        if (random.Chance(wrong / 20))
        {
            var depth = random.Pick([3, 63, 65, 99, 101, 1000]);
            return $"{new string('[', depth)}1{new string(']', depth)}";
        }
        if (shape.Length == 0)
            return Elements.Json(random, input.Datatype, wrong / 4);
        var count = shape[0] + (random.Chance(wrong / 6) ? random.Next(3) - 1 : 0);
        return $"[{string.Join(',', Enumerable.Range(0, (int)Math.Max(0, count)).Select(_ => Nested(random, input, shape[1..], wrong)))}]";
    }

    private static FuzzCase Finish(
        FuzzRandom random,
        string path,
        string type,
        int? head,
        byte[] body,
        double wrong
    )
    {
        var headers = new List<KeyValuePair<string, string>>();
        Add("Content-Type", random.Chance(wrong / 6) ? random.Pick(ContentTypes) : type);
        if (head is { } length)
            Add(
                HeaderLength,
                !random.Chance(wrong / 2) ? $"{length}"
                    : random.Chance(0.5) ? random.Pick(HeaderLengths)
                    : $"{length + random.Next(9) - 4}"
            );
        if (random.Chance(wrong / 20))
            Add(HeaderLength, random.Pick(HeaderLengths));
        if (random.Chance(0.04))
        {
            var isGzip = random.Chance(0.5);
            body = Compress(body, isGzip);
            Add("Content-Encoding", isGzip ? "gzip" : "deflate");
        }
        else if (random.Chance(wrong / 20))
        {
            Add("Content-Encoding", random.Pick(Encodings));
        }
        if (random.Chance(0.05))
            Add("Accept-Encoding", random.Pick(["gzip", "deflate", "br;q=1, gzip;q=x", "*;q=0"]));
        if (random.Chance(0.03))
            Add("X-Request-Key", new string('k', random.Pick([1, 200, 201])));
        if (random.Chance(0.9))
            Add("Content-Length", $"{body.Length}");
        return new FuzzCase(path, headers, body);

        void Add(string name, string value) => headers.Add(KeyValuePair.Create(name, value));
    }

    private static byte[] Compress(byte[] body, bool isGzip)
    {
        using var packed = new MemoryStream();
        using (
            Stream stream = isGzip
                ? new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)
                : new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)
        )
            stream.Write(body);
        return packed.ToArray();
    }
}
