using System.Buffers.Binary;
using System.Text;
using CsCheck;
using OrleansMl.Core.Training.Safetensors;

namespace OrleansMl.Core.Tests.Training.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-safetensors-");

    private string FilePath => Path.Combine(_folder.FullName, "weights.safetensors");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read_back()
    {
        var tensor = Gen.Select(
            Gen.Int[0, 4].SelectMany(rank => Gen.Long[0, 5].Array[rank]),
            Gen.Enum<SafetensorsType>(),
            Gen.Int
        );
        Gen.Select(tensor.Array[0, 6], Gen.Dictionary(Gen.String, Gen.String)[0, 4])
            .Sample(
                (tensors, metadata) =>
                {
                    var file = new SafetensorsFile(
                        [
                            .. tensors.Select(
                                (t, i) =>
                                    new SafetensorsTensor(
                                        $"\"näme\".{i}",
                                        t.Item2,
                                        t.Item1,
                                        Bytes(t)
                                    )
                            ),
                        ],
                        metadata.Where(p => IsText(p.Key) && IsText(p.Value)).ToDictionary()
                    );
                    file.Write(FilePath);
                    var read = SafetensorsFile.Read(FilePath);
                    Assert.Equal(file.Metadata, read.Metadata);
                    Assert.Equal(
                        file.Tensors.Select(t =>
                            (
                                t.Name,
                                t.Type,
                                string.Join(',', t.Shape),
                                Convert.ToHexString(t.Data.Span)
                            )
                        ),
                        read.Tensors.Select(t =>
                            (
                                t.Name,
                                t.Type,
                                string.Join(',', t.Shape),
                                Convert.ToHexString(t.Data.Span)
                            )
                        )
                    );
                },
                threads: 1
            );

        static bool IsText(string text) =>
            text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        new SafetensorsFile(
            [SafetensorsTensor.Of("a", [2], [1f, -2f])],
            new Dictionary<string, string> { ["k"] = "v" }
        ).Write(FilePath);
        var bytes = File.ReadAllBytes(FilePath);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd()
        );
        Assert.Equal(0, length % 8);
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], bytes[(8 + length)..]);
    }

    [Theory]
    [InlineData("", "expected at least 8")]
    [InlineData("[]", "expected a StartObject")]
    [InlineData("{x", "no JSON")]
    [InlineData("""{"a":1}""", "expected a StartObject")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2]}}""",
        "lacks its dtype, its shape or its two data_offsets"
    )]
    [InlineData("""{"a":{"dtype":"Q7","shape":[2],"data_offsets":[0,8]}}""", "the type Q7")]
    [InlineData("""{"a":{"dtype":"0","shape":[2],"data_offsets":[0,8]}}""", "the type 0")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""",
        "negative number -2"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""",
        "a String among its numbers"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""",
        "no JSON of the format"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", "two data_offsets")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""",
        "takes 8 bytes, its type and shape ask for 12"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""",
        "more than there can be"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "8 follow the header"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "expected to begin at 0"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "placed at 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "to end by 8")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "'b' is placed at 0 to 4"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "names 'a' twice"
    )]
    [InlineData(
        """{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "expected a String"
    )]
    [InlineData(
        """{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "names 'k' twice"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""",
        "the key 'shape' twice"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""",
        "no JSON of the format"
    )]
    public void A_malformed_header_is_refused_saying_what_is_wrong(string header, string expected)
    {
        byte[] bytes = header.Length == 0 ? [1, 2, 3] : WithHeader(header, new byte[8]);
        File.WriteAllBytes(FilePath, bytes);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(FilePath));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("weights.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(1_000)]
    [InlineData(0)]
    public void A_header_length_past_the_file_takes_no_memory(long length)
    {
        var bytes = WithHeader("{}", []);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(FilePath, bytes);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(FilePath));
        Assert.Contains($"{length}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_of_a_file_is_refused()
    {
        new SafetensorsFile([SafetensorsTensor.Of("a", [3], [1f, 2f, 3f])]).Write(FilePath);
        var bytes = File.ReadAllBytes(FilePath);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(FilePath, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(FilePath));
        }
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var target = Path.Combine(_folder.FullName, "taken");
        Directory.CreateDirectory(target);
        Assert.ThrowsAny<IOException>(() =>
            new SafetensorsFile([SafetensorsTensor.Of("a", [1], [1f])]).Write(target)
        );
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_shape_are_refused_in_memory_too() =>
        Assert.Throws<ArgumentException>(() =>
            new SafetensorsFile([new SafetensorsTensor("a", SafetensorsType.F32, [2], new byte[7])])
        );

    private static byte[] Bytes((long[] Shape, SafetensorsType Type, int Seed) tensor)
    {
        var size = tensor.Type switch
        {
            SafetensorsType.F64 or SafetensorsType.I64 => 8,
            SafetensorsType.U8 => 1,
            _ => 4,
        };
        var bytes = new byte[tensor.Shape.Aggregate((long)size, (product, n) => product * n)];
        new Random(tensor.Seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] WithHeader(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. data];
    }
}
