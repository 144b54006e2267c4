using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Operations;

/// <summary>What a grain's row of the catalogue is to be.</summary>
/// <param name="Kind">The row's kind.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Row">The row; null removes it.</param>
internal sealed record CatalogChange(string Kind, string Key, CatalogEntry? Row)
{
    public static CatalogChange Upsert(CatalogEntry row) => new(row.Kind, row.Key, row);
}
