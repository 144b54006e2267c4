using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>
/// Copied calls on their way into data sets: held in memory, a part a model, until a part is large or old enough to be written. What
/// waits is bounded; a killed silo loses it. Thread-safe.
/// </summary>
internal sealed partial class PayloadLog(
    PayloadCommits commits,
    TimeProvider time,
    ILogger<PayloadLog> logger
)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PayloadPart> _open = [];
    private readonly Dictionary<string, List<PayloadPart>> _closed = [];

    /// <summary>Adds a call's rows; false when too much waits already.</summary>
    public bool TryAdd(WatchedCall call, PayloadPolicy policy)
    {
        var model = call.Version.Name;
        lock (_gate)
        {
            var waiting =
                (_open.TryGetValue(model, out var open) ? open.Table.Bytes : 0)
                + _closed.GetValueOrDefault(model, []).Sum(part => part.Table.Bytes);
            if (waiting + PayloadTable.BytesOf(call) > policy.MaxBufferedBytes)
                return false;
            // Another policy or other columns begin another part.
            if (open is not null && (!Same(open.Policy, policy) || !open.Table.TryAdd(call)))
            {
                Close(open);
                open = null;
            }
            else if (open is not null)
            {
                return true;
            }
            open = new PayloadPart(model, policy, new PayloadTable(call, policy), time.GetUtcNow());
            if (!open.Table.TryAdd(call))
                return false;
            _open[model] = open;
            return true;
        }
    }

    /// <summary>Writes the parts that are due, or all of them. A part that can't be written now stays for the next time.</summary>
    public async Task FlushAsync(bool all, CancellationToken cancellationToken)
    {
        List<PayloadPart> parts;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var part in _open.Values.ToList())
            {
                if (
                    all
                    || part.Table.Rows >= part.Policy.FlushRows
                    || now - part.Began >= TimeSpan.FromSeconds(part.Policy.FlushSeconds)
                )
                    Close(part);
            }
            parts = [.. _closed.Values.SelectMany(list => list)];
        }
        foreach (var part in parts)
        {
            try
            {
                await commits.WriteAsync(part, cancellationToken);
                WatchTelemetry.PayloadRows.Add(part.Table.Rows);
            }
            catch (InvalidInputException error)
            {
                // It would be refused again: the rows are lost, and the log says why.
                LogRefused(error, part.Table.Rows, part.Dataset);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(error, part.Table.Rows, part.Dataset);
                continue;
            }
            lock (_gate)
            {
                if (_closed.TryGetValue(part.Model, out var list))
                {
                    list.Remove(part);
                    if (list.Count == 0)
                        _closed.Remove(part.Model);
                }
            }
        }
    }

    private void Close(PayloadPart part)
    {
        _open.Remove(part.Model);
        if (!_closed.TryGetValue(part.Model, out var list))
            _closed[part.Model] = list = [];
        list.Add(part);
    }

    // Policies are read anew every second; what decides about rows is compared by value.
    private static bool Same(PayloadPolicy a, PayloadPolicy b) =>
        a with { Exclude = b.Exclude } == b && a.Exclude.SequenceEqual(b.Exclude);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Rows} rows of calls are not taken by data set {Dataset} and are lost."
    )]
    private partial void LogRefused(Exception error, int rows, string dataset);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Rows} rows of calls could not be written into data set {Dataset}; they are tried again."
    )]
    private partial void LogFailed(Exception error, int rows, string dataset);
}
