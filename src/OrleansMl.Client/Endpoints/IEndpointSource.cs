namespace OrleansMl.Client.Endpoints;

/// <summary>Tells which endpoints there are now.</summary>
internal interface IEndpointSource
{
    /// <summary>The endpoints; none: the source doesn't know.</summary>
    /// <param name="known">Endpoints that may be asked, the likeliest first.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    Task<IReadOnlyList<Uri>> ListAsync(
        IReadOnlyList<Uri> known,
        CancellationToken cancellationToken
    );
}
