using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Console.Trust;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Operations;

/// <summary>
/// A part of a page that is rendered with it and then, where the browser runs the script, kept true over a connection. Its viewer is
/// looked up anew each time it reads: a revoked key closes it.
/// </summary>
public abstract partial class LiveView : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenRegistration _stopping;
    private bool _hasSlot;

    /// <summary>The viewer's session as the browser keeps it; null: none is needed. It reaches the connection encrypted, as all parameters do.</summary>
    [Parameter]
    public string? Session { get; set; }

    /// <summary>What it is at.</summary>
    protected LiveState State { get; private set; }

    /// <summary>Why it is behind or closed.</summary>
    protected string? Problem { get; private set; }

    /// <summary>When it was last read.</summary>
    protected DateTimeOffset ReadAt { get; private set; }

    /// <summary>The clock.</summary>
    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private ConsoleSessions Sessions { get; set; } = null!;

    [Inject]
    private LiveViewSlots Slots { get; set; } = null!;

    [Inject]
    private IOptions<ConsoleOptions> Options { get; set; } = null!;

    [Inject]
    private IHostApplicationLifetime Lifetime { get; set; } = null!;

    [Inject]
    private ILogger<LiveView> Logger { get; set; } = null!;

    /// <summary>How often it is read.</summary>
    protected TimeSpan Refresh => TimeSpan.FromSeconds(Options.Value.RefreshSeconds);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the reading.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _stopping.Dispose();
        _stop.Cancel();
        _stop.Dispose();
        if (_hasSlot)
            Slots.GiveBack();
        _hasSlot = false;
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        // A silo keeps pages whose connection is lost for a while, and would go on reading for them with what it has let go of.
        _stopping = Lifetime.ApplicationStopping.UnsafeRegister(
            static stop => ((CancellationTokenSource)stop!).Cancel(),
            _stop
        );
        if (RendererInfo.IsInteractive)
            await TryReadAsync(_stop.Token);
        else
            // What goes wrong here is the whole page's error.
            await LookAsync(_stop.Token);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || State == LiveState.Closed)
            return;
        var stop = _stop.Token;
        _hasSlot = Slots.TryTake();
        if (!_hasSlot)
        {
            State = LiveState.Full;
            StateHasChanged();
            return;
        }
        try
        {
            await FollowAsync(stop);
        }
        catch (Exception error) when (stop.IsCancellationRequested)
        {
            // Nobody looks any more: what was being read when the silo stopped may fail in any way.
            LogLeft(Logger, error, GetType().Name);
        }
    }

    /// <summary>Reads what it shows.</summary>
    private protected abstract Task ReadAsync(Caller viewer, CancellationToken cancellationToken);

    /// <summary>Keeps it true until it is over: by reading again and again, unless there is a better way.</summary>
    private protected virtual async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Refresh, Time);
        while (State is not (LiveState.Closed or LiveState.Over))
        {
            if (!await timer.WaitForNextTickAsync(cancellationToken))
                return;
            await TryReadAsync(cancellationToken);
            StateHasChanged();
        }
    }

    /// <summary>Looks up the viewer and reads; what goes wrong is shown.</summary>
    private protected async Task TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
            Become(LiveState.Live, problem: null);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(error);
        }
    }

    /// <summary>The viewer as of now.</summary>
    private protected Caller Viewer() => Sessions.Viewer(Session);

    /// <summary>Shows what went wrong: refusals close the view, anything else leaves it behind.</summary>
    private protected void Fail(Exception error)
    {
        var answer = ErrorAnswer.Of(error);
        if (answer.IsInternal)
            LogFailed(Logger, error, GetType().Name);
        Become(
            answer.Status is 401 or 403 or 404 ? LiveState.Closed : LiveState.Behind,
            answer.Body.Error
        );
    }

    /// <summary>Changes what it is at.</summary>
    private protected void Become(LiveState state, string? problem) =>
        (State, Problem) = (state, problem);

    /// <summary>What it shows is as of now.</summary>
    protected void MarkRead() => ReadAt = Time.GetUtcNow();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(Viewer(), cancellationToken);
        MarkRead();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A viewer left {View}.")]
    private static partial void LogLeft(ILogger logger, Exception error, string view);

    [LoggerMessage(Level = LogLevel.Error, Message = "{View} could not be read.")]
    private static partial void LogFailed(ILogger logger, Exception error, string view);
}
