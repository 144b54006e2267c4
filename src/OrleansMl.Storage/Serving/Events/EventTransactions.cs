using System.Data.Common;
using OrleansMl.Contracts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Runs transactions that append events, and repeats those that met another's event.</summary>
internal sealed class EventTransactions(Database database)
{
    private const int MaxRaces = 10;

    public async Task<T> RunAsync<T>(
        string what,
        Func<DbConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        for (var races = 0; ; races++)
        {
            try
            {
                return await database.TransactAsync(what, work, cancellationToken);
            }
            catch (EventIdRaceException e)
            {
                if (races == MaxRaces)
                    throw new ConflictException(
                        "The same event ids are published with other keys at the same time, again and again: an event's id and key belong together.",
                        e
                    );
            }
        }
    }
}
