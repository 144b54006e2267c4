using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>A silo's HTTP server that also takes requests without a socket, and counts all that are under way.</summary>
internal sealed class InnerServer(IServer sockets) : IServer
{
    private readonly Lock _gate = new();
    private Func<IFeatureCollection, Task>? _run;
    private TaskCompletionSource _idle = Completed();
    private int _inFlight;
    private long _answered;

    public IFeatureCollection Features => sockets.Features;

    /// <summary>Requests that are not ended.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
                return _inFlight;
        }
    }

    /// <summary>Requests that have ended.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Ends when no request is under way.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
            return _idle.Task;
    }

    public Task StartAsync<TContext>(
        IHttpApplication<TContext> application,
        CancellationToken cancellationToken
    )
        where TContext : notnull
    {
        var counted = new Counted<TContext>(this, application);
        _run = features => RunAsync(counted, features);
        return sockets.StartAsync(counted, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        sockets.StopAsync(cancellationToken);

    public void Dispose() => sockets.Dispose();

    /// <summary>Runs a request through the whole pipeline.</summary>
    public Task RunAsync(IFeatureCollection request) =>
        (_run ?? throw new InvalidOperationException("The server has not started."))(request);

    private static async Task RunAsync<TContext>(
        IHttpApplication<TContext> application,
        IFeatureCollection features
    )
        where TContext : notnull
    {
        var context = application.CreateContext(features);
        Exception? failure = null;
        try
        {
            await application.ProcessRequestAsync(context);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            application.DisposeContext(context, failure);
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_inFlight++ == 0)
                _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void End()
    {
        Interlocked.Increment(ref _answered);
        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            if (--_inFlight == 0)
                idle = _idle;
        }
        idle?.SetResult();
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private sealed class Counted<TContext>(InnerServer owner, IHttpApplication<TContext> inner)
        : IHttpApplication<TContext>
        where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            owner.Begin();
            return inner.CreateContext(contextFeatures);
        }

        public Task ProcessRequestAsync(TContext context) => inner.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception)
        {
            inner.DisposeContext(context, exception);
            owner.End();
        }
    }
}
