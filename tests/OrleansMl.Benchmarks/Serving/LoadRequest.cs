using System.Globalization;
using System.Text;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>The bytes of a request, headers and all: the same features for both sides.</summary>
internal static class LoadRequest
{
    private const int Seed = 11;

    /// <summary>A request of rows as the protocol's binary tensors, asking for a binary output.</summary>
    public static byte[] OurBinary(string model, int rows)
    {
        var tensors = Raw(rows);
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"{{{ServingModels.Input}}}","shape":[{{{rows}}},{{{ServingModels.Features}}}],"datatype":"FP32","parameters":{"binary_data_size":{{{tensors.Length}}}}}],"outputs":[{"name":"{{{ServingModels.Output}}}","parameters":{"binary_data":true}}]}"""
        );
        return Http(
            $"/v2/models/{model}/infer",
            $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {json.Length}\r\n",
            [.. json, .. tensors]
        );
    }

    /// <summary>The bare tensor, as the peer takes it.</summary>
    public static byte[] PeerBinary(string model, int rows) =>
        Http($"/binary/{model}", "Content-Type: application/octet-stream\r\n", Raw(rows));

    /// <summary>A request of JSON; both sides take the same.</summary>
    public static byte[] Json(string path, int rows) =>
        Http(
            path,
            "Content-Type: application/json\r\n",
            Encoding.UTF8.GetBytes(
                $$$"""{"inputs":[{"name":"{{{ServingModels.Input}}}","shape":[{{{rows}}},{{{ServingModels.Features}}}],"datatype":"FP32","data":[{{{string.Join(',', Pixels(rows).Select(p => p.ToString("R", CultureInfo.InvariantCulture)))}}}]}],"outputs":[{"name":"{{{ServingModels.Output}}}"}]}"""
            )
        );

    private static byte[] Raw(int rows)
    {
        var raw = new byte[rows * ServingModels.Features * sizeof(float)];
        Buffer.BlockCopy(Pixels(rows).ToArray(), 0, raw, 0, raw.Length);
        return raw;
    }

    // Grey values of images, from 0 to 1, in as many digits as they need.
    private static IEnumerable<float> Pixels(int rows)
    {
        var random = new Random(Seed);
        for (var i = 0; i < rows * ServingModels.Features; i++)
            yield return random.Next(256) / 255f;
    }

    private static byte[] Http(string path, string headers, byte[] body) =>
        [
            .. Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {body.Length}\r\n\r\n"
            ),
            .. body,
        ];
}
