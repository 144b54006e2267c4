namespace OrleansMl.Core.Operations;

/// <summary>Keys of the metadata that each silo publishes; placement and the cluster's status read them.</summary>
public static class SiloMetadataKeys
{
    /// <summary>The silo's name, which its slots' ids begin with.</summary>
    public const string Name = "oml.name";

    /// <summary>Its roles, comma-separated: <see cref="SiloRoles"/>.</summary>
    public const string Roles = "oml.roles";

    /// <summary>Kinds of its slots' accelerators, comma-separated: <c>cpu</c>, <c>cuda</c>. Empty without the role train.</summary>
    public const string Accelerators = "oml.accelerators";

    /// <summary>Memory of its machine, in bytes, invariant digits.</summary>
    public const string Memory = "oml.memory";

    /// <summary>Where its gateway listens, with the role gateway.</summary>
    public const string GatewayUrl = "oml.gateway";

    /// <summary>Where its gateway takes gRPC, with the role gateway: the same address as <see cref="GatewayUrl"/> with TLS. Absent: nowhere.</summary>
    public const string GrpcUrl = "oml.grpc";

    /// <summary>Where its HTTP listens, whatever its roles: other silos fetch artifacts there.</summary>
    public const string HttpUrl = "oml.http";

    /// <summary>Before the name of each label, for example <c>oml.label.zone</c>.</summary>
    public const string LabelPrefix = "oml.label.";
}
