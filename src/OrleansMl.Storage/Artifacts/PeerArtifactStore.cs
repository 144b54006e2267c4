using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// This silo's own files, and what only another silo's disk holds, fetched from there over HTTP and kept. Puts, lists and
/// deletes are about this silo's files alone. Thread-safe.
/// </summary>
internal sealed partial class PeerArtifactStore(
    LocalArtifactStore local,
    IArtifactPeers peers,
    HttpClient http,
    PeerArtifactOptions options,
    TimeProvider time,
    ILogger<PeerArtifactStore> logger
) : IArtifactStore, ILocalArtifacts, IArtifactExpiry, IDisposable
{
    /// <summary>Where a silo answers, below its base address; the id follows.</summary>
    public const string Route = "internal/artifacts/";

    private readonly ConcurrentDictionary<ArtifactId, Lazy<Task>> _fetches = new();
    private readonly CancellationTokenSource _closing = new();
    private int _disposed;

    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken) =>
        local.PutAsync(content, cancellationToken);

    public async Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        if (await local.FindAsync(id, cancellationToken) is { } here)
            return here;
        return await AskAsync(
            id,
            HttpMethod.Head,
            null,
            (_, response, _) =>
                Task.FromResult<ArtifactInfo?>(
                    new ArtifactInfo(
                        id,
                        response.Content.Headers.ContentLength ?? 0,
                        response.Content.Headers.LastModified ?? time.GetUtcNow()
                    )
                ),
            cancellationToken
        );
    }

    public async Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    )
    {
        if (await local.FindAsync(id, cancellationToken) is not null || range is null)
        {
            var lease = await AcquireAsync(id, cancellationToken);
            try
            {
                return local.OpenRead(id, range, lease);
            }
            catch
            {
                lease.Dispose();
                throw;
            }
        }
        var info = await FindAsync(id, cancellationToken) ?? throw NotFound(id);
        var (offset, length) = ArtifactReadStream.Cut(range, info.Bytes);
        if (length == 0)
            return new ArtifactReadStream(Stream.Null, id, "another silo", 0, whole: false);
        // The range is taken whole before it is handed out, so that a silo that dies meanwhile is replaced by the next.
        return await AskAsync(
                id,
                HttpMethod.Get,
                new RangeHeaderValue(offset, offset + length - 1),
                async (peer, response, token) =>
                {
                    var copy = new MemoryStream(checked((int)length));
                    await CopyAsync(response, copy, token);
                    if (copy.Length != length)
                        throw new HttpRequestException(
                            $"asked for {length} bytes, got {copy.Length}"
                        );
                    copy.Position = 0;
                    return (Stream)
                        new ArtifactReadStream(copy, id, $"{peer}", length, whole: false);
                },
                cancellationToken
            ) ?? throw NotFound(id);
    }

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        local.ListAsync(cancellationToken);

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        local.DeleteAsync(id, cancellationToken);

    public Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    ) => local.DeleteOlderAsync(id, storedBefore, cancellationToken);

    public async Task<IArtifactLease> AcquireAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    )
    {
        if (await local.FindAsync(id, cancellationToken) is null)
            await FetchOnceAsync(id, cancellationToken);
        try
        {
            return await local.AcquireAsync(id, cancellationToken);
        }
        catch (ArtifactCorruptException damaged)
        {
            LogDamaged(damaged.Message);
            try
            {
                await FetchOnceAsync(id, cancellationToken);
            }
            catch (ArtifactNotFoundException)
            {
                throw new ArtifactCorruptException(
                    $"{damaged.Message} No other silo has it.",
                    damaged
                );
            }
            return await local.AcquireAsync(id, cancellationToken);
        }
    }

    /// <summary>Harmless to repeat: a container disposes a service once for each name that it has.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        http.Dispose();
    }

    private Task FetchOnceAsync(ArtifactId id, CancellationToken cancellationToken) =>
        _fetches
            .GetOrAdd(id, static (id, self) => new Lazy<Task>(() => self.FetchAsync(id)), this)
            .Value.WaitAsync(cancellationToken);

    /// <summary>Fetches for all who wait, over what may be here; one of them giving up doesn't end it.</summary>
    private async Task FetchAsync(ArtifactId id)
    {
        try
        {
            var fetched = await AskAsync(
                id,
                HttpMethod.Get,
                null,
                async (peer, response, token) =>
                {
                    await using var content = await response.Content.ReadAsStreamAsync(token);
                    await using var guarded = new IdleTimeoutStream(
                        content,
                        TimeSpan.FromSeconds(options.IdleTimeoutSeconds),
                        time
                    );
                    using var staged = await local.StageAsync(guarded, token);
                    if (staged.Id != id)
                        throw new ArtifactCorruptException(
                            $"its {staged.Bytes} bytes have the SHA-256 {staged.Id}"
                        );
                    LogFetched(id, staged.Bytes, peer);
                    return staged.Commit();
                },
                _closing.Token
            );
            if (fetched is null)
                throw NotFound(id);
        }
        finally
        {
            _fetches.TryRemove(id, out _);
        }
    }

    /// <summary>
    /// Asks one silo after the other until one has the artifact; null when all of them answered that they lack it.
    /// </summary>
    /// <exception cref="UnavailableException">None has it, and not all answered.</exception>
    private async Task<T?> AskAsync<T>(
        ArtifactId id,
        HttpMethod method,
        RangeHeaderValue? range,
        Func<Uri, HttpResponseMessage, CancellationToken, Task<T>> take,
        CancellationToken cancellationToken
    )
        where T : class?
    {
        var failures = new List<string>();
        foreach (var peer in await peers.GetAsync(cancellationToken))
        {
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(peer, Route + id.Hex));
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Bearer",
                    options.Secret
                );
                request.Headers.Range = range;
                using var response = await SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.NotFound)
                    continue;
                response.EnsureSuccessStatusCode();
                return await take(peer, response, cancellationToken);
            }
            catch (Exception e)
                when (e is HttpRequestException or ArtifactCorruptException or TimeoutException)
            {
                LogFailed(id, peer, e.Message);
                failures.Add($"{peer}: {e.Message}");
            }
        }
        return failures.Count == 0
            ? null
            : throw new UnavailableException(
                $"Artifact {id} is not on this silo, and those that may have it did not give it: {string.Join("; ", failures)} Try again when they are back."
            );
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var limit = TimeSpan.FromSeconds(options.AnswerTimeoutSeconds);
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            deadline.Token,
            cancellationToken
        );
        try
        {
            return await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {limit.TotalSeconds:0} s", e);
        }
    }

    private async Task CopyAsync(
        HttpResponseMessage response,
        Stream target,
        CancellationToken token
    )
    {
        await using var content = await response.Content.ReadAsStreamAsync(token);
        await using var guarded = new IdleTimeoutStream(
            content,
            TimeSpan.FromSeconds(options.IdleTimeoutSeconds),
            time
        );
        await guarded.CopyToAsync(target, token);
    }

    private ArtifactNotFoundException NotFound(ArtifactId id) =>
        new($"Artifact {id} is neither in the local store '{local.Root}' nor on another silo.");

    [LoggerMessage(
        EventId = 4121,
        Level = LogLevel.Information,
        Message = "Fetched artifact {Id} ({Bytes} bytes) from {Peer}"
    )]
    private partial void LogFetched(ArtifactId id, long bytes, Uri peer);

    [LoggerMessage(
        EventId = 4123,
        Level = LogLevel.Warning,
        Message = "An artifact of this silo is damaged and fetched anew: {Reason}"
    )]
    private partial void LogDamaged(string reason);

    [LoggerMessage(
        EventId = 4122,
        Level = LogLevel.Warning,
        Message = "Artifact {Id} could not be had from {Peer}: {Reason}"
    )]
    private partial void LogFailed(ArtifactId id, Uri peer, string reason);
}
