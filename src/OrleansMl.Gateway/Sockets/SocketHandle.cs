using Microsoft.Win32.SafeHandles;

namespace OrleansMl.Gateway.Sockets;

/// <summary>
/// Owns a file descriptor. Calls in progress hold it: a number that was closed, and perhaps given to another socket since, is never used.
/// </summary>
internal sealed class SocketHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Takes a descriptor over.</summary>
    public SocketHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativeSockets.Close((int)handle) == 0;
}
