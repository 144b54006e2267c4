using System.IO.Pipelines;

namespace OrleansMl.Gateway.Sockets;

/// <summary>One side of a connection's two pipes.</summary>
internal sealed record SocketPipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
