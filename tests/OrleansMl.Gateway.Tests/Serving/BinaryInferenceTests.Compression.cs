using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

// Compressed bodies.
public sealed partial class BinaryInferenceTests
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_bodies_are_taken_and_given(string coding)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("bin-packed", "FP32", -1, 500);
        var tensor = new byte[2000];
        for (var i = 0; i < tensor.Length; i += 4)
            BinaryPrimitives.WriteSingleLittleEndian(tensor.AsSpan(i), i);
        var json = Binary(
            tensor.Length,
            ""","parameters":{"binary_data_output":true}""",
            shape: "[1,500]"
        );
        var request = Request("bin-packed", $"{json.Length}", "", []);
        request.Content = new ByteArrayContent(
            Pack(coding, [.. Encoding.UTF8.GetBytes(json), .. tensor])
        );
        request.Content.Headers.ContentEncoding.Add(coding);
        request.Content.Headers.ContentType = new("application/octet-stream");
        request.Headers.AcceptEncoding.Add(new(coding));

        var (status, _, tail) = await SendAsync(gateway, request);

        Assert.Equal(200, status);
        Assert.Equal(tensor, tail);
    }

    [Theory]
    [InlineData("gzip", 2_000_000, 413)]
    [InlineData("gzip", -1, 400)]
    [InlineData("deflate", -1, 400)]
    [InlineData("br", 10, 415)]
    public async Task A_body_that_inflates_past_the_limit_or_cannot_be_is_refused(
        string coding,
        int zeros,
        int expected
    )
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxInferenceBytes = 1_000_000
        );
        AddModel("bin-bomb");
        var request = Request("bin-bomb", null, "", []);
        request.Content = new ByteArrayContent(
            zeros < 0 ? [1, 2, 3, 4] : Pack("gzip", new byte[zeros])
        );
        request.Content.Headers.ContentEncoding.Add(coding);

        var (status, json, _) = await SendAsync(gateway, request);

        Assert.Equal(expected, status);
        Assert.NotEmpty(Error(json));
    }

    private static byte[] Pack(string coding, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (
            Stream stream =
                coding == "gzip"
                    ? new GZipStream(packed, CompressionLevel.Fastest)
                    : new ZLibStream(packed, CompressionLevel.Fastest)
        )
            stream.Write(bytes);
        return packed.ToArray();
    }
}
