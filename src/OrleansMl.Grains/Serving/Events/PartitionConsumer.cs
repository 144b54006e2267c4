using System.Data.Common;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Grains.Serving.Events;

/// <summary>
/// Consumes one leased partition, batch after batch: fetch, handle, commit effect and position together. It ends when the lease is
/// lost; what it was at then comes to nothing, because its commit is refused.
/// </summary>
internal sealed partial class PartitionConsumer(
    PartitionLease lease,
    ConsumerGroupSnapshot group,
    IEventHandler handler,
    EventConsumerServices services
)
{
    private TimeSpan _pause = services.Options.RetryDelay;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var signal = services.Signals.NextAsync(lease.Group.Topic);
            try
            {
                if (!await StepAsync(cancellationToken))
                    await EventSignals.WaitAsync(
                        signal,
                        services.Options.PollPeriod,
                        services.Time,
                        cancellationToken
                    );
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StaleAttemptException e)
            {
                // Someone else goes on, or this silo does with its next lease.
                LogLost(services.Logger, lease.Group, lease.Partition, e.Message);
                return;
            }
            catch (Exception e)
            {
                // The database is away, or the topic of the answers is full: the same batch comes again.
                LogAgain(services.Logger, e, lease.Group, lease.Partition, _pause);
                await PauseAsync(cancellationToken);
            }
        }
    }

    // One batch; false when there was none.
    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var batch = await services.Groups.FetchAsync(
            lease,
            handler.BatchSize(group),
            cancellationToken
        );
        if (batch.Retried.Count > 0)
        {
            await RetryAsync(batch, cancellationToken);
            return true;
        }
        if (batch.Events.Count == 0)
            return false;
        var next = batch.Events[^1].Position + 1;
        IReadOnlyList<EventMessage> outputs;
        try
        {
            outputs = await HandleAsync(batch.Events, cancellationToken);
        }
        catch (InvalidInputException)
        {
            // One of them can never be taken: the others are not to suffer for it.
            await OneByOneAsync(batch, isExhausted: false, cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var tries = await services.Groups.FailAsync(
                lease,
                batch.Position,
                e.Message,
                isCounted: !IsClusterAway(e),
                cancellationToken
            );
            LogFailed(services.Logger, e, lease.Group, lease.Partition, tries, group.Spec.MaxTries);
            if (tries >= group.Spec.MaxTries && !IsClusterAway(e))
                await OneByOneAsync(batch, isExhausted: true, cancellationToken);
            else
                await PauseAsync(cancellationToken);
            return true;
        }
        await CommitAsync(
            new EventCommit(batch.Position, next)
            {
                OutputTopic = Output(outputs),
                Outputs = outputs,
            },
            cancellationToken
        );
        return true;
    }

    // Each event alone, so that the ones that fail are known; up to the first that is to be tried again.
    private async Task OneByOneAsync(
        PartitionBatch batch,
        bool isExhausted,
        CancellationToken cancellationToken
    )
    {
        var outputs = new List<EventMessage>();
        var dead = new List<FailedEvent>();
        var next = batch.Position;
        string? pauseFor = null;
        foreach (var e in batch.Events)
        {
            try
            {
                outputs.AddRange(await HandleAsync([e], cancellationToken));
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                var isInvalid = error is InvalidInputException;
                if (IsClusterAway(error) || (!isInvalid && !isExhausted))
                    break;
                if (group.Subscription is { OnExhausted: ExhaustedPolicy.Pause })
                {
                    pauseFor =
                        $"Event '{e.Message.Id}' in partition {e.Partition} at {e.Position}: {error.Message}";
                    break;
                }
                dead.Add(new FailedEvent(e, isInvalid ? 1 : group.Spec.MaxTries, error.Message));
                LogDead(services.Logger, error, e.Message.Id, lease.Group, e.Partition, e.Position);
            }
            next = e.Position + 1;
        }
        if (next > batch.Position)
            await CommitAsync(
                new EventCommit(batch.Position, next)
                {
                    OutputTopic = Output(outputs),
                    Outputs = outputs,
                    Dead = dead,
                },
                cancellationToken
            );
        else if (pauseFor is null)
            await PauseAsync(cancellationToken);
        if (pauseFor is null)
            return;
        await services.Groups.SetPausedAsync(
            lease.Group,
            paused: true,
            pauseFor,
            cancellationToken
        );
        throw new StaleAttemptException($"the group is paused. {pauseFor}");
    }

    private async Task RetryAsync(PartitionBatch batch, CancellationToken cancellationToken)
    {
        foreach (var letter in batch.Retried)
        {
            var commit = new EventCommit(batch.Position, batch.Position);
            try
            {
                var outputs = await HandleAsync([letter], cancellationToken);
                commit = commit with
                {
                    OutputTopic = Output(outputs),
                    Outputs = outputs,
                    Retried = [letter.Position],
                };
            }
            catch (Exception error)
                when (!cancellationToken.IsCancellationRequested && !IsClusterAway(error))
            {
                commit = commit with
                {
                    Dead = [new FailedEvent(letter, group.Spec.MaxTries + 1, error.Message)],
                };
            }
            await CommitAsync(commit, cancellationToken);
        }
    }

    // The effect is there already; while the topic of the answers is full, it waits, and its partition with it.
    private async Task CommitAsync(EventCommit commit, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await services.Groups.CommitAsync(lease, commit, cancellationToken);
                _pause = services.Options.RetryDelay;
                return;
            }
            catch (OverloadedException e)
            {
                LogAgain(services.Logger, e, lease.Group, lease.Partition, _pause);
                await PauseAsync(cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<EventMessage>> HandleAsync(
        IReadOnlyList<LoggedEvent> events,
        CancellationToken cancellationToken
    )
    {
        await services.Gate.WaitAsync(cancellationToken);
        try
        {
            using var limit = new CancellationTokenSource(
                services.Options.BatchTimeout,
                services.Time
            );
            using var either = CancellationTokenSource.CreateLinkedTokenSource(
                limit.Token,
                cancellationToken
            );
            return await handler.HandleAsync(group, events, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"{events.Count} events were not done within {services.Options.BatchTimeout}.",
                e
            );
        }
        finally
        {
            services.Gate.Release();
        }
    }

    // No event's fault: the model is loading, overloaded, moved or not there yet, or a part of the cluster is gone. It is waited for.
    private static bool IsClusterAway(Exception error) =>
        error
            is UnavailableException
                or OverloadedException
                or NotFoundException
                or StaleAttemptException
                or OrleansException
                or TimeoutException
                or DbException
                or IOException;

    private string? Output(IReadOnlyList<EventMessage> outputs) =>
        outputs.Count > 0 ? group.Subscription?.Output : null;

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        var pause = _pause;
        _pause = TimeSpan.FromTicks(
            Math.Min(pause.Ticks * 2, services.Options.MaxRetryDelay.Ticks)
        );
        await Task.Delay(pause, services.Time, cancellationToken);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Partition {Partition} of group {Group} is no longer this consumer's: {Reason}"
    )]
    private static partial void LogLost(
        ILogger logger,
        GroupId group,
        int partition,
        string reason
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Group {Group} can't go on in partition {Partition}; again in {Pause}."
    )]
    private static partial void LogAgain(
        ILogger logger,
        Exception error,
        GroupId group,
        int partition,
        TimeSpan pause
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A batch of group {Group} in partition {Partition} failed, try {Tries} of {MaxTries}."
    )]
    private static partial void LogFailed(
        ILogger logger,
        Exception error,
        GroupId group,
        int partition,
        int tries,
        int maxTries
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Event {Event} is a dead letter of group {Group}, in partition {Partition} at {Position}."
    )]
    private static partial void LogDead(
        ILogger logger,
        Exception error,
        string @event,
        GroupId group,
        int partition,
        long position
    );
}
