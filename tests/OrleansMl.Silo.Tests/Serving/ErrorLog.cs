using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>Keeps what is logged as an error.</summary>
internal sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>Errors since the last look; they are kept no longer.</summary>
    public IReadOnlyList<string> Take()
    {
        if (_errors.IsEmpty)
            return [];
        var taken = new List<string>();
        while (_errors.TryDequeue(out var error))
            taken.Add(error);
        return taken;
    }

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose() { }

    private sealed class Writer(ErrorLog owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // A machine that is busy with other things makes Orleans complain about itself, which no request is to blame for.
        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= LogLevel.Error
            && !category.StartsWith("Orleans.Runtime.Membership", StringComparison.Ordinal);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                owner._errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
