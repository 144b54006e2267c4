using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed partial class TensorJsonTests
{
    private static readonly string[] Datatypes =
    [
        "BOOL",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "FP16",
        "FP32",
        "FP64",
        "BYTES",
    ];

    private static readonly Gen<InferenceTensor> Tensors =
        from datatype in Gen.Int[0, Datatypes.Length - 1].Select(i => Datatypes[i])
        from shape in Gen.Long[1, 4].Array[1, 4]
        from bytes in Elements(datatype, shape.Aggregate(1L, (a, b) => a * b))
        select new InferenceTensor
        {
            Name = "x",
            Datatype = datatype,
            Shape = shape,
            Data = bytes,
        };

    private static Gen<byte[]> Elements(string datatype, long count) =>
        datatype switch
        {
            "BOOL" => Gen.Byte[0, 1].Array[(int)count],
            "BYTES" => Gen.String.Where(IsText).Array[(int)count].Select(Pack),
            "FP16" => Gen
                .UShort.Where(bits => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))
                .Array[(int)count]
                .Select(values =>
                    Write(values, sizeof(ushort), BinaryPrimitives.WriteUInt16LittleEndian)
                ),
            "FP32" => Gen
                .UInt.Where(bits => float.IsFinite(BitConverter.UInt32BitsToSingle(bits)))
                .Array[(int)count]
                .Select(values =>
                    Write(values, sizeof(uint), BinaryPrimitives.WriteUInt32LittleEndian)
                ),
            "FP64" => Gen
                .ULong.Where(bits => double.IsFinite(BitConverter.UInt64BitsToDouble(bits)))
                .Array[(int)count]
                .Select(values =>
                    Write(values, sizeof(ulong), BinaryPrimitives.WriteUInt64LittleEndian)
                ),
            _ => Gen.Byte.Array[(int)count * TensorElements.SizeOf(datatype)!.Value],
        };

    private delegate void Writer<T>(Span<byte> target, T value);

    private static byte[] Write<T>(T[] values, int size, Writer<T> write)
    {
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
            write(bytes.AsSpan(i * size), values[i]);
        return bytes;
    }

    private static byte[] Pack(string[] texts)
    {
        using var stream = new MemoryStream();
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            stream.Write(BitConverter.GetBytes(utf8.Length));
            stream.Write(utf8);
        }
        return stream.ToArray();
    }

    // Half a surrogate pair is no text.
    private static bool IsText(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static string WriteJson(InferenceTensor tensor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        InferenceResponseWriter.Write(
            buffer,
            new InferenceResponse
            {
                Model = "m",
                Version = 1,
                Outputs = [tensor],
            },
            [],
            []
        );
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static ParsedInferenceRequest Parse(string json) =>
        InferenceRequestReader.Read(Encoding.UTF8.GetBytes(json), new TensorMemory());

    private static string Nest(JsonElement flat, IReadOnlyList<long> shape)
    {
        var items = flat.EnumerateArray().Select(item => item.GetRawText()).ToArray();
        for (var level = shape.Count - 1; level > 0; level--)
            items =
            [
                .. items.Chunk((int)shape[level]).Select(chunk => $"[{string.Join(" , ", chunk)}]"),
            ];
        return $"[{string.Join(",", items)}]";
    }

    [Fact]
    public void Every_tensor_comes_back_from_its_json_flat_or_nested_whatever_the_order_of_members()
    {
        (
            from tensor in Tensors
            from nested in Gen.Bool
            from order in Gen.Int[0, 3]
            select (tensor, nested, order)
        ).Sample(sample =>
        {
            var (tensor, nested, order) = sample;
            using var written = JsonDocument.Parse(WriteJson(tensor));
            var output = written.RootElement.GetProperty("outputs")[0];
            var data = output.GetProperty("data");
            string[] members =
            [
                "\"name\":\"x\"",
                $"\"shape\":{output.GetProperty("shape").GetRawText()}",
                $"\"datatype\":\"{tensor.Datatype}\"",
                $"\"data\":{(nested ? Nest(data, tensor.Shape) : data.GetRawText())}",
            ];
            var rotated = members.Skip(order).Concat(members.Take(order));

            var parsed = Parse($$"""{"inputs":[{ {{string.Join(",", rotated)}} }]}""");

            var back = Assert.Single(parsed.Request.Inputs);
            Assert.Equal(tensor.Shape, back.Shape);
            Assert.Equal(tensor.Datatype, back.Datatype);
            Assert.Equal(tensor.Data.ToArray(), back.Data.ToArray());
        });
    }

    [Fact]
    public void Binary_tensors_equal_those_of_json_and_come_back_whatever_stands_before_them()
    {
        (
            from tensor in Tensors
            from before in Gen.Int[0, 9]
            from head in Gen.Int[0, 7]
            select (tensor, before, head)
        ).Sample(sample =>
        {
            var (tensor, before, head) = sample;
            var shape = $"[{string.Join(",", tensor.Shape)}]";
            var json =
                $$$"""{"inputs":[{"name":"b","shape":[{{{before}}}],"datatype":"BOOL","parameters":{"binary_data_size":{{{before}}}}},{"name":"x","shape":{{{shape}}},"datatype":"{{{tensor.Datatype}}}","parameters":{"binary_data_size":{{{tensor.Data.Length}}}}}]}""";
            byte[] body = [.. new byte[head], .. new byte[before], .. tensor.Data.Span];

            var binary = InferenceRequestReader
                .Read(Encoding.UTF8.GetBytes(json), body.AsMemory(head), new TensorMemory())
                .Request.Inputs[1];
            using var written = JsonDocument.Parse(WriteJson(tensor));
            var data = written.RootElement.GetProperty("outputs")[0].GetProperty("data");
            var read = Parse(
                $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{tensor.Datatype}}}","data":{{{data.GetRawText()}}}}]}"""
            ).Request.Inputs[0];

            Assert.Equal(tensor.Data.ToArray(), binary.Data.ToArray());
            Assert.Equal(read.Data.ToArray(), binary.Data.ToArray());
            var size = TensorElements.SizeOf(tensor.Datatype)!.Value;
            Assert.True(
                System.Runtime.InteropServices.MemoryMarshal.TryGetArray(binary.Data, out var place)
                    && (size <= 1 || place.Offset % size == 0)
            );
            var answer = new ArrayBufferWriter<byte>();
            var tails = InferenceResponseWriter.Write(
                answer,
                new InferenceResponse
                {
                    Model = "m",
                    Version = 1,
                    Outputs = [tensor],
                },
                [],
                [],
                isBinary: true
            );
            Assert.Equal(tensor.Data.ToArray(), Assert.Single(tails!).ToArray());
        });
    }

    [Theory]
    [InlineData("FP32", "[2]", "[1]", "expected 2 values", "got 1 values")]
    [InlineData("FP32", "[2]", "[1,2,3]", "expected 2 values", "more than 2")]
    [InlineData("FP32", "[2,2]", "[[1,2,3],[4]]", "expected 4 values", "nesting level 2")]
    [InlineData("FP32", "[2,2]", "[[1,2],[3]]", "[2, 2]", "nesting level 2")]
    [InlineData("FP32", "[2,2]", "[[1,2],3,4]", "[2, 2]", "different nesting levels")]
    [InlineData("FP32", "[2,2]", "[1,[2,3],4]", "[2, 2]", "different nesting levels")]
    [InlineData("FP32", "[2,2]", "[1,2,[]]", "[2, 2]", "nesting level 2")]
    [InlineData("FP32", "[2]", "[[1,2]]", "[2]", "nested 2 deep")]
    [InlineData("FP32", "[2,1,1]", "[[1],[2]]", "[2, 1, 1]", "nesting level 2")]
    [InlineData("FP32", "[1]", "1", "array", "Number")]
    [InlineData("FP32", "[1]", "[1e999]", "finite FP32", "1e999")]
    [InlineData("FP32", "[1]", "[3.5e38]", "finite FP32", "3.5e38")]
    [InlineData("FP64", "[1]", "[1e999]", "finite FP64", "1e999")]
    [InlineData("FP16", "[1]", "[70000]", "finite FP16", "70000")]
    [InlineData("FP16", "[1]", "[null]", "finite FP16", "null at element 0; a missing value can't")]
    [InlineData(
        "BOOL",
        "[2]",
        "[true,null]",
        "true or false",
        "null at element 1; a missing value can't"
    )]
    [InlineData("FP32", "[1]", "[\"NaN\"]", "finite FP32", "NaN")]
    [InlineData("UINT8", "[1]", "[256]", "UINT8 (0 to 255)", "256")]
    [InlineData("UINT8", "[1]", "[-1]", "UINT8", "-1")]
    [InlineData("INT8", "[1]", "[128]", "INT8 (-128 to 127)", "128")]
    [InlineData("INT32", "[1]", "[1.5]", "INT32", "1.5")]
    [InlineData("INT64", "[1]", "[9223372036854775808]", "INT64", "9223372036854775808")]
    [InlineData("UINT64", "[1]", "[18446744073709551616]", "UINT64", "18446744073709551616")]
    [InlineData("BOOL", "[1]", "[1]", "true or false", "1")]
    [InlineData("BYTES", "[1]", "[1]", "text", "1")]
    [InlineData("BYTES", "[1]", "[\"\\ud800\"]", "text", "ud800")]
    [InlineData("BYTES", "[1]", "[{}]", "text", "object")]
    [InlineData("BF16", "[1]", "[1]", "datatype", "BF16")]
    [InlineData("fp32", "[1]", "[1]", "datatype", "fp32")]
    [InlineData("FP32", "[-1]", "[1]", "0 or more", "[-1]")]
    [InlineData("FP32", "[1000000000,1000000000,1000000000]", "[1]", "more elements", "body")]
    public void A_wrong_tensor_is_refused_naming_it_what_was_expected_and_what_came(
        string datatype,
        string shape,
        string data,
        string expected,
        string got
    )
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            Parse(
                $$"""{"inputs":[{"name":"pixels","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}"""
            )
        );

        Assert.Contains("'pixels'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(got, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("{}", "'inputs' is missing")]
    [InlineData("""{"inputs":{}}""", "inputs: expected an array")]
    [InlineData("""{"inputs":[1]}""", "inputs[0]")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "twice")]
    [InlineData("""{"inputs":[{"shape":[1],"datatype":"FP32","data":[1]}]}""", "'name' is missing")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","data":[1]}]}""", "'shape' is missing")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"data":[1]}]}""", "'datatype' is missing")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"FP32"}]}""", "'data' is missing")]
    [InlineData(
        """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1],"data":[1]}]}""",
        "twice"
    )]
    [InlineData("""{"inputs":[{"name":3}]}""", "inputs[0].name")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1.5]}]}""", "inputs[0].shape")]
    [InlineData("""{"id":3,"inputs":[]}""", "id")]
    [InlineData("""{"inputs":[],"outputs":[{}]}""", "outputs[0]")]
    [InlineData(
        """{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":0}}]}""",
        "classification"
    )]
    public void A_wrong_request_is_refused_naming_the_place(string json, string named)
    {
        var error = Assert.Throws<InvalidInputException>(() => Parse(json));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_or_changed_byte_is_refused_or_read_and_never_fails_otherwise()
    {
        var valid = Encoding.UTF8.GetBytes(
            """{"id":"q","inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2.5],[3e1,-4]]},{"data":["a","é"],"name":"t","shape":[2],"datatype":"BYTES"}],"outputs":[{"name":"y","parameters":{"classification":2}}]}"""
        );
        (
            from at in Gen.Int[0, valid.Length - 1]
            from b in Gen.Byte
            from cut in Gen.Bool
            select (at, b, cut)
        ).Sample(
            change =>
            {
                var bytes = change.cut ? valid[..change.at] : (byte[])valid.Clone();
                if (!change.cut)
                    bytes[change.at] = change.b;
                try
                {
                    InferenceRequestReader.Read(bytes, new TensorMemory());
                }
                catch (Exception e)
                {
                    Assert.True(
                        e is InvalidInputException or JsonException,
                        $"{e.GetType()}: {Encoding.UTF8.GetString(bytes)}"
                    );
                }
            },
            iter: 20_000
        );
    }

    [Fact]
    public void Nulls_are_read_as_missing_values_and_the_first_one_is_reported()
    {
        var datatypes = Gen.OneOf(
            Gen.Const("FP32"),
            Gen.Const("FP64"),
            Gen.Const("INT64"),
            Gen.Const("BYTES")
        );
        (
            from datatype in datatypes
            from missing in Gen.Bool.Array[1, 20]
            select (datatype, missing)
        ).Sample(sample =>
        {
            var (datatype, missing) = sample;
            var value = datatype == "BYTES" ? "\"a longer text\"" : "7";
            var items = missing.Select(isMissing => isMissing ? "null" : value);

            var parsed = Parse(
                $$"""{"inputs":[{"name":"x","shape":[{{missing.Length}}],"datatype":"{{datatype}}","data":[{{string.Join(",", items)}}]}]}"""
            );

            byte[] expected =
            [
                .. missing.SelectMany(isMissing =>
                    datatype switch
                    {
                        "FP32" => BitConverter.GetBytes(isMissing ? float.NaN : 7),
                        "FP64" => BitConverter.GetBytes(isMissing ? double.NaN : 7),
                        "INT64" => BitConverter.GetBytes(isMissing ? long.MinValue : 7),
                        _ => Pack([isMissing ? "" : "a longer text"]),
                    }
                ),
            ];
            Assert.Equal(expected, parsed.Request.Inputs[0].Data.ToArray());
            Assert.Equal(
                missing.Contains(true)
                    ? [new MissingElement("x", datatype, Array.IndexOf(missing, true))]
                    : [],
                parsed.Missing
            );
        });
    }

    [Fact]
    public void Values_that_json_lacks_are_written_as_null()
    {
        var json = WriteJson(
            new InferenceTensor
            {
                Name = "y",
                Datatype = "FP32",
                Shape = [3],
                Data = Write(
                    [float.NaN, float.PositiveInfinity, 1.5f],
                    sizeof(float),
                    BinaryPrimitives.WriteSingleLittleEndian
                ),
            }
        );

        Assert.Contains("\"data\":[null,null,1.5]", json, StringComparison.Ordinal);
    }
}
