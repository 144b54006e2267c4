using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Core.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Operations;

/// <summary>A page of a list, newest first, with what its viewer may see.</summary>
/// <param name="Items">The things.</param>
/// <param name="Offset">Rows before it.</param>
/// <param name="Previous">Where the page before begins; null: there is none, or that is not known.</param>
/// <param name="Next">Where the next begins; null: there is none.</param>
internal sealed record Listing<T>(IReadOnlyList<T> Items, int Offset, int? Previous, int? Next)
{
    // A viewer of few models must not make a silo read the whole catalogue for one page.
    private const int MaxScanned = 10_000;
    private const int Chunk = 500;

    /// <summary>Reads a page of the catalogue. For a viewer of some models alone, rows of others are passed over.</summary>
    public static async Task<Listing<T>> ReadAsync(
        ICatalog catalog,
        CatalogQuery query,
        Caller viewer,
        Func<T, string> modelOf,
        CancellationToken cancellationToken
    )
    {
        var (size, all) = (query.Limit, viewer.Models.All);
        var items = new List<T>(size);
        var offset = query.Offset;
        while (true)
        {
            // One row more than wanted tells whether there is a next page.
            var limit = all ? size + 1 : Chunk;
            var rows = await catalog.ListAsync(
                query with
                {
                    Offset = offset,
                    Limit = limit,
                },
                cancellationToken
            );
            foreach (var row in rows)
            {
                if (items.Count == size)
                    return Make(offset);
                offset++;
                var item = JsonSerializer.Deserialize<T>(row.Summary, ContractsJson.Options)!;
                if (all || viewer.Models.Permit(modelOf(item)))
                    items.Add(item);
            }
            if (rows.Count < limit)
                return Make(next: null);
            if (offset - query.Offset >= MaxScanned)
                return Make(offset);
        }

        Listing<T> Make(int? next) =>
            new(
                items,
                query.Offset,
                all && query.Offset > 0 ? Math.Max(0, query.Offset - size) : null,
                next
            );
    }
}
