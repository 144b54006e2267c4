using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;

namespace OrleansMl.Grains.Operations;

/// <summary>
/// A grain's state that is only ever seen as it was last written. A write that fails, or may have failed, ends the
/// activation: the next one reads what is true. An activation that outlived its silo's membership fails here too, by
/// the storage's etag.
/// </summary>
internal sealed partial class DurableState<T>(
    IPersistentState<T> storage,
    IGrainContext context,
    ILogger logger,
    Action? onBroken = null
)
    where T : class, new()
{
    private bool _broken;

    /// <summary>As last written; never changed in place.</summary>
    public T Current => storage.State ?? new T();

    /// <summary>Whether there is any.</summary>
    public bool Exists => storage.RecordExists;

    /// <summary>Writes the next state; when this returns it is durable and <see cref="Current"/>.</summary>
    /// <exception cref="UnavailableException">It could not be written; nothing is acknowledged.</exception>
    public Task CommitAsync(T next) => WriteAsync(next, storage.WriteStateAsync);

    /// <summary>Removes the state.</summary>
    /// <exception cref="UnavailableException">It could not be removed.</exception>
    public async Task ClearAsync()
    {
        await WriteAsync(
            new T(),
            async token =>
            {
                await storage.ClearStateAsync(token);
                // What the next write must expect differs with how the storage clears; it says so itself.
                await storage.ReadStateAsync(token);
            }
        );
        storage.State = new T();
    }

    private async Task WriteAsync(T next, Func<CancellationToken, Task> write)
    {
        if (_broken)
            throw Unavailable("an earlier write failed");
        var previous = storage.State;
        storage.State = next;
        try
        {
            // The caller's token is left out: a write given up half way would be neither done nor undone.
            await write(CancellationToken.None);
        }
        catch (Exception error)
        {
            _broken = true;
            storage.State = previous;
            LogWriteFailed(logger, error, context.GrainId);
            context.Deactivate(
                new DeactivationReason(
                    DeactivationReasonCode.ApplicationError,
                    error,
                    "Its state could not be written."
                ),
                CancellationToken.None
            );
            onBroken?.Invoke();
            throw Unavailable(error.Message);
        }
    }

    private UnavailableException Unavailable(string why) =>
        new($"The state of {context.GrainId} could not be written ({why}); try again.");

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Writing the state of {Grain} failed; the activation ends, so that the next one reads what is true."
    )]
    private static partial void LogWriteFailed(ILogger logger, Exception error, GrainId grain);
}
