namespace OrleansMl.Core.Operations;

/// <summary>An index over grains, kept by them: each writes its own row after its state, and again when it wakes. The grain's state is the truth.</summary>
public interface ICatalog
{
    /// <summary>Writes a row, in place of an older one of the same kind and key.</summary>
    Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken);

    /// <summary>Removes a row; nothing happens when there is none.</summary>
    Task RemoveAsync(string kind, string key, CancellationToken cancellationToken);

    /// <summary>A page of rows.</summary>
    Task<IReadOnlyList<CatalogEntry>> ListAsync(
        CatalogQuery query,
        CancellationToken cancellationToken
    );

    /// <summary>How many rows of a kind there are, by status.</summary>
    Task<IReadOnlyDictionary<string, long>> CountAsync(
        string kind,
        CancellationToken cancellationToken
    );
}
