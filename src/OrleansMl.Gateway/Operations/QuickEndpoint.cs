namespace OrleansMl.Gateway.Operations;

/// <summary>
/// Metadata of endpoints that stay on the thread that read the request from its socket: they never block it, and leave it
/// themselves for what takes longer than half a millisecond.
/// </summary>
internal sealed class QuickEndpoint
{
    /// <summary>The one.</summary>
    public static QuickEndpoint Metadata { get; } = new();
}
