using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client;

/// <summary>Reads lists page by page.</summary>
internal static class CatalogPages
{
    private const int PageSize = 500;

    /// <summary>The summaries of all things in a list, newest first, at most <paramref name="limit"/>.</summary>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        GatewayTransport transport,
        Func<GatewayPath> path,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int? offset = 0;
        while (offset is { } from && limit > 0)
        {
            var page = await transport.SendAsync<CatalogPage>(
                path().With("offset", from).With("limit", Math.Min(limit, PageSize)).Get(),
                cancellationToken
            );
            foreach (var item in page.Items.Take(limit))
            {
                limit--;
                yield return item.Summary.Deserialize<T>(ContractsJson.Options)
                    ?? throw new OrleansMlException(
                        null,
                        OrleansMlErrorCodes.UnexpectedAnswer,
                        $"'{item.Key}' has no summary in the list."
                    );
            }
            // A page that doesn't go forward would be asked for again and again.
            offset = page.Next > from ? page.Next : null;
        }
    }
}
