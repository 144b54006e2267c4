using System.Text.Json;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Operations;

namespace OrleansMl.Gateway.Operations;

/// <summary>Pages of the catalogue: lists that wake no grain.</summary>
internal static class CatalogPages
{
    public static async Task<CatalogPage> ReadAsync(
        ICatalog catalog,
        CatalogQuery query,
        CancellationToken cancellationToken
    )
    {
        // One row more than asked tells whether there is a next page.
        var entries = await catalog.ListAsync(
            query with
            {
                Limit = query.Limit + 1,
            },
            cancellationToken
        );
        return new CatalogPage
        {
            Items = [.. entries.Take(query.Limit).Select(Item)],
            Offset = query.Offset,
            Limit = query.Limit,
            Next = entries.Count > query.Limit ? query.Offset + query.Limit : null,
        };
    }

    /// <summary>A status as the API writes it: rows keep the names of phases, JSON has them in camelCase.</summary>
    public static string Status(string status) => JsonNamingPolicy.CamelCase.ConvertName(status);

    private static CatalogItem Item(CatalogEntry entry) =>
        new()
        {
            Key = entry.Key,
            Status = Status(entry.Status),
            CreatedAt = entry.CreatedAt,
            Summary = JsonElement.Parse(entry.Summary.Length > 0 ? entry.Summary : "{}"),
        };
}
