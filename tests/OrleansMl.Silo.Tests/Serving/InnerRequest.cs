using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>One request and its answer, as the server's features, without a socket: HTTP/2 for gRPC, else HTTP/1.1.</summary>
internal sealed class InnerRequest
    : IHttpRequestFeature,
        IHttpResponseFeature,
        IHttpResponseBodyFeature,
        IHttpResponseTrailersFeature,
        IHttpRequestLifetimeFeature,
        IHttpConnectionFeature,
        IHttpRequestBodyDetectionFeature,
        IHttpResetFeature,
        IHttpMaxRequestBodySizeFeature,
        IDisposable
{
    private readonly MemoryStream _answer = new();
    private readonly PipeWriter _writer;
    private readonly CancellationTokenSource _aborted = new();
    private Stack<(Func<object, Task>, object)>? _starting;
    private Stack<(Func<object, Task>, object)>? _completed;

    public InnerRequest(
        string method,
        string path,
        IEnumerable<KeyValuePair<string, string>> headers,
        byte[] body,
        bool isHttp2
    )
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        Method = method;
        RawTarget = path;
        QueryString = query < 0 ? "" : path[query..];
        // As the server does: unescaped once, but for the slash.
        Path = PathString.FromUriComponent(query < 0 ? path : path[..query]).Value ?? "/";
        Protocol = isHttp2 ? "HTTP/2" : "HTTP/1.1";
        Headers.Host = "localhost";
        foreach (var (name, value) in headers)
            Headers.Append(name, value);
        Body = new MemoryStream(body, writable: false);
        _writer = PipeWriter.Create(_answer, new StreamPipeWriterOptions(leaveOpen: true));
        RequestAborted = _aborted.Token;
        All = new FeatureCollection(16);
        All.Set<IHttpRequestFeature>(this);
        All.Set<IHttpResponseFeature>(this);
        All.Set<IHttpResponseBodyFeature>(this);
        All.Set<IHttpRequestLifetimeFeature>(this);
        All.Set<IHttpConnectionFeature>(this);
        All.Set<IHttpRequestBodyDetectionFeature>(this);
        All.Set<IHttpMaxRequestBodySizeFeature>(this);
        if (isHttp2)
        {
            All.Set<IHttpResponseTrailersFeature>(this);
            All.Set<IHttpResetFeature>(this);
        }
    }

    public FeatureCollection All { get; }

    public string Protocol { get; set; }

    public string Scheme { get; set; } = "http";

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body { get; set; }

    public int StatusCode { get; set; } = 200;

    public string? ReasonPhrase { get; set; }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => AnswerHeaders;
        set => AnswerHeaders = value;
    }

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException("Nothing replaces the answer's body.");
    }

    public IHeaderDictionary AnswerHeaders { get; private set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    public Stream Stream => field ??= Writer.AsStream(leaveOpen: true);

    public PipeWriter Writer => field ??= new StartingWriter(this, _writer);

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Whether the connection was cut in place of an answer.</summary>
    public bool IsAborted => _aborted.IsCancellationRequested;

    public string ConnectionId { get; set; } = "inner";

    public IPAddress? RemoteIpAddress { get; set; } = IPAddress.Loopback;

    public IPAddress? LocalIpAddress { get; set; } = IPAddress.Loopback;

    public int RemotePort { get; set; } = 1;

    public int LocalPort { get; set; } = 80;

    public bool CanHaveBody => true;

    public bool IsReadOnly => false;

    public long? MaxRequestBodySize { get; set; } = 30_000_000;

    /// <summary>What was answered, whole.</summary>
    public ReadOnlyMemory<byte> Answer => _answer.GetBuffer().AsMemory(0, (int)_answer.Length);

    public void OnStarting(Func<object, Task> callback, object state) =>
        (_starting ??= []).Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) =>
        (_completed ??= []).Push((callback, state));

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (HasStarted)
            return;
        while (_starting is { Count: > 0 })
        {
            var (callback, state) = _starting.Pop();
            await callback(state);
        }
        HasStarted = true;
    }

    /// <summary>What a server does when the application has returned.</summary>
    public async Task EndAsync()
    {
        await StartAsync(CancellationToken.None);
        await _writer.CompleteAsync();
        while (_completed is { Count: > 0 })
        {
            var (callback, state) = _completed.Pop();
            await callback(state);
        }
    }

    public Task CompleteAsync() => StartAsync(CancellationToken.None);

    public void Dispose()
    {
        _aborted.Dispose();
        _answer.Dispose();
    }

    public void DisableBuffering() { }

    public Task SendFileAsync(
        string path,
        long offset,
        long? count,
        CancellationToken cancellationToken = default
    ) => throw new NotSupportedException("No route of inference sends files.");

    public void Abort() => _aborted.Cancel();

    public void Reset(int errorCode) => _aborted.Cancel();

    /// <summary>The first flush sends the headers.</summary>
    private sealed class StartingWriter(InnerRequest owner, PipeWriter inner) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) { }

        public override async ValueTask<FlushResult> FlushAsync(
            CancellationToken cancellationToken = default
        )
        {
            await owner.StartAsync(cancellationToken);
            return await inner.FlushAsync(cancellationToken);
        }
    }
}
