namespace OrleansMl.Core.Training.Workers;

/// <summary>
/// The protocol between a silo and the worker process of one of its compute slots, over a Unix domain socket whose path
/// the worker gets on its command line. The silo listens and the worker connects; each first sends its hello. A frame is
/// a 4-byte little-endian length and that many bytes of UTF-8 JSON, one <see cref="WorkerMessage"/>.
/// </summary>
public static class WorkerProtocol
{
    /// <summary>Raised with every change that an older side would misread; both sides must name the same.</summary>
    public const int Version = 1;

    /// <summary>The longest frame, in bytes: a manifest with its statistics, or a confusion matrix of a thousand classes, and no more.</summary>
    public const int MaxFrameBytes = 32 * 1024 * 1024;

    /// <summary>The most metric points in one <see cref="WorkerProgress"/>.</summary>
    public const int MaxPointsPerFrame = 1_000;

    /// <summary>The worker's exit code when it delivered its outcome or failure.</summary>
    public const int ExitDone = 0;

    /// <summary>The worker's exit code when its command line is wrong.</summary>
    public const int ExitUsage = 2;

    /// <summary>The worker's exit code when the silo's end of the socket closed: it is an orphan.</summary>
    public const int ExitOrphaned = 3;

    /// <summary>The worker's exit code when the silo sent no ping in time: it is stopped, or past its lease.</summary>
    public const int ExitSilent = 4;

    /// <summary>The worker's exit code when the silo broke the protocol or speaks another version.</summary>
    public const int ExitProtocol = 5;
}
