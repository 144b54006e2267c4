namespace OrleansMl.Contracts.Operations;

/// <summary>A gateway that takes calls now.</summary>
public sealed record GatewayEndpoint
{
    /// <summary>Its silo's name.</summary>
    public required string Silo { get; init; }

    /// <summary>Where it takes HTTP.</summary>
    public required string Url { get; init; }

    /// <summary>Where it takes gRPC; null: nowhere.</summary>
    public string? GrpcUrl { get; init; }
}
