using System.Text;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>A request that is to be answered, or refused in the protocol's shape.</summary>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Its headers; one name may come more than once.</param>
/// <param name="Body">Its body.</param>
internal sealed record FuzzCase(
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    byte[] Body
)
{
    private const string Method = "POST ";

    /// <summary>Whether it is a gRPC call.</summary>
    public bool IsGrpc =>
        Headers.Any(header =>
            header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)
            && header.Value.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Reads a file of the corpus: a request as HTTP/1.1 would have it, with line feeds alone.</summary>
    public static FuzzCase Parse(byte[] file)
    {
        var end = file.AsSpan().IndexOf("\n\n"u8);
        var lines = Encoding.UTF8.GetString(file, 0, end).Split('\n');
        return new FuzzCase(
            lines[0][Method.Length..],
            [
                .. lines
                    .Skip(1)
                    .Select(line =>
                        KeyValuePair.Create(
                            line[..line.IndexOf(':', StringComparison.Ordinal)],
                            line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
                        )
                    ),
            ],
            file[(end + 2)..]
        );
    }

    /// <summary>Writes a file of the corpus.</summary>
    public byte[] ToFile() =>
        [
            .. Encoding.UTF8.GetBytes($"{Method}{Path}\n"),
            .. Headers.SelectMany(header =>
                Encoding.UTF8.GetBytes($"{header.Key}: {header.Value}\n")
            ),
            .. "\n"u8,
            .. Body,
        ];
}
