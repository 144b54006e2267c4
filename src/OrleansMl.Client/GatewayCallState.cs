namespace OrleansMl.Client;

/// <summary>What the tries of one call share.</summary>
internal sealed class GatewayCallState(GatewayCall call, CancellationToken caller)
{
    public GatewayCall Call { get; } = call;

    /// <summary>The caller's own wish to stop, apart from time limits.</summary>
    public CancellationToken Caller { get; } = caller;

    public int Tries { get; set; }

    /// <summary>The endpoints that it asked.</summary>
    public HashSet<Uri> Asked { get; } = [];

    /// <summary>What the last try met, for the message when all of them failed.</summary>
    public string LastFailure { get; set; } = "no endpoint was asked";
}
