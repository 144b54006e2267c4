using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <inheritdoc/>
internal sealed class ArtifactPeerResponder(LocalArtifactStore local, PeerArtifactOptions options)
    : IArtifactPeerResponder
{
    public async Task<ArtifactPeerAnswer> AnswerAsync(
        string id,
        string? authorization,
        string? range,
        CancellationToken cancellationToken
    )
    {
        if (!IsAllowed(authorization))
            return new ArtifactPeerAnswer { Status = 401 };
        if (!ArtifactId.TryParse(id, null, out var artifact))
            return new ArtifactPeerAnswer { Status = 400 };
        if (await local.FindAsync(artifact, cancellationToken) is not { } info)
            return new ArtifactPeerAnswer { Status = 404 };
        if (!TryReadRange(range, info.Bytes, out var asked))
            return new ArtifactPeerAnswer
            {
                Status = 416,
                Headers = new Dictionary<string, string>
                {
                    ["Content-Range"] = $"bytes */{info.Bytes}",
                },
            };
        try
        {
            return Give(artifact, info, asked, local.OpenRead(artifact, asked, null));
        }
        catch (ArtifactNotFoundException)
        {
            return new ArtifactPeerAnswer { Status = 404 };
        }
    }

    private static ArtifactPeerAnswer Give(
        ArtifactId id,
        ArtifactInfo info,
        ArtifactRange? range,
        Stream body
    )
    {
        var (offset, length) = ArtifactReadStream.Cut(range, info.Bytes);
        var headers = new Dictionary<string, string>
        {
            ["Accept-Ranges"] = "bytes",
            ["Content-Length"] = $"{length}",
            ["Content-Type"] = "application/octet-stream",
            ["ETag"] = $"\"{id.Hex}\"",
            ["Last-Modified"] = info.StoredAt.ToString("R"),
        };
        if (range is not null)
            headers["Content-Range"] = $"bytes {offset}-{offset + length - 1}/{info.Bytes}";
        return new ArtifactPeerAnswer
        {
            Status = range is null ? 200 : 206,
            Headers = headers,
            Body = body,
        };
    }

    /// <summary>Reads one range; a header that is none of ours is passed over, as HTTP has it. False when it lies outside.</summary>
    private static bool TryReadRange(string? header, long bytes, out ArtifactRange? range)
    {
        range = null;
        if (
            !RangeHeaderValue.TryParse(header, out var parsed)
            || parsed.Unit != "bytes"
            || parsed.Ranges.Count != 1
        )
            return true;
        var one = parsed.Ranges.Single();
        var from = one.From ?? Math.Max(0, bytes - one.To!.Value);
        var to = one.From is null ? bytes - 1 : Math.Min(one.To ?? long.MaxValue, bytes - 1);
        if (from > to)
            return false;
        range = new ArtifactRange(from, to - from + 1);
        return true;
    }

    /// <summary>Compares digests in constant time: neither the secret's text nor its length shows in how long it takes.</summary>
    private bool IsAllowed(string? authorization)
    {
        const string Scheme = "Bearer ";
        return options.Secret.Length > 0
            && authorization is not null
            && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..])),
                SHA256.HashData(Encoding.UTF8.GetBytes(options.Secret))
            );
    }
}
