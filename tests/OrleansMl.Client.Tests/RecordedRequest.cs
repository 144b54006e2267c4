using System.Text;

namespace OrleansMl.Client.Tests;

/// <summary>A request that a <see cref="FakeGateway"/> got.</summary>
internal sealed record RecordedRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body
)
{
    public string Text => Encoding.UTF8.GetString(Body);
}
