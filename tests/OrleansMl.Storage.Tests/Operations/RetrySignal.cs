using Microsoft.Extensions.Logging;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>Completes when the log says that the database is away: someone waits for it.</summary>
public sealed class RetrySignal : ILoggerProvider, ILogger
{
    private const int Retrying = 4001;
    private readonly TaskCompletionSource _seen = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public Task Task => _seen.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (eventId.Id == Retrying)
            _seen.TrySetResult();
    }

    public void Dispose() { }
}
