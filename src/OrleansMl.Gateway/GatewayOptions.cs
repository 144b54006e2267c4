namespace OrleansMl.Gateway;

/// <summary>Limits and places of the gateway; section <c>Gateway</c>. Every body, list and queue that a caller fills has its limit here.</summary>
public sealed class GatewayOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gateway";

    /// <summary>
    /// The most bytes of one upload of dataset files, all files together. Uploads are spooled to disk, so that the limit
    /// guards the disk, not memory. A smaller value keeps one caller from filling it.
    /// </summary>
    /// <value>The default is 16 GiB.</value>
    public long MaxUploadBytes { get; set; } = 16L << 30;

    /// <summary>The most files of one upload.</summary>
    /// <value>The default is 1,000.</value>
    public int MaxUploadFiles { get; set; } = 1000;

    /// <summary>The most bytes of an ONNX file that is imported; it is spooled to disk too.</summary>
    /// <value>The default is 2 GiB, the most that the format holds in one file.</value>
    public long MaxModelBytes { get; set; } = 2L << 30;

    /// <summary>The most bytes of an inference request's body, which is held in memory. A batch of 32 images of 784 pixels as JSON takes some 100 KB.</summary>
    /// <value>The default is 32 MiB.</value>
    public long MaxInferenceBytes { get; set; } = 32L << 20;

    /// <summary>The most bytes of any other JSON or YAML body, which is held in memory.</summary>
    /// <value>The default is 4 MiB.</value>
    public long MaxBodyBytes { get; set; } = 4L << 20;

    /// <summary>The most examples of one predict request.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxInstances { get; set; } = 10_000;

    /// <summary>The most imports of data or models at a time in this process; each has a thread and a disk busy. One more is refused with 429.</summary>
    /// <value>The default is 2.</value>
    public int MaxConcurrentImports { get; set; } = 2;

    /// <summary>The most event streams at a time in this process; each holds a connection and a watch on a grain. One more is refused with 429.</summary>
    /// <value>The default is 1,000.</value>
    public int MaxEventStreams { get; set; } = 1000;

    /// <summary>Where uploads are spooled, in a folder of the gateway's own that is swept when it starts; a silo's default is in its data folder.</summary>
    /// <value>The default, outside a silo, is empty: the system's temporary folder.</value>
    public string SpoolDirectory { get; set; } = "";

    /// <summary>Bytes that an upload leaves free on the spool's disk; it is refused before that. The artifacts and databases on the same disk need them.</summary>
    /// <value>The default is 1 GiB.</value>
    public long MinFreeBytes { get; set; } = 1L << 30;

    /// <summary>Folders of this machine that <c>import-path</c> may read; none: the route is off. Whoever may call the API may read all that is under them.</summary>
    /// <value>The default is none.</value>
    public IList<string> ImportRoots { get; set; } = [];

    /// <summary>Seconds of silence after which an event stream sends a comment, so that proxies keep the connection and dead ones are noticed.</summary>
    /// <value>The default is 15.</value>
    public double HeartbeatSeconds { get; set; } = 15;

    /// <summary>
    /// The server's name in the protocol's server metadata. Some clients ask for another by name: NVIDIA's examples go on only
    /// with <c>triton</c>.
    /// </summary>
    /// <value>The default is <c>orleansml</c>.</value>
    public string ServerName { get; set; } = "orleansml";

    /// <summary>
    /// Requests of one gRPC stream that are read and not yet answered at most; the next one is read when an answer is sent, so that
    /// a sender faster than the model is held back.
    /// </summary>
    /// <value>The default is 32.</value>
    public int MaxStreamInFlight { get; set; } = 32;

    /// <summary>The most versions in the protocol's repository index, which has no pages. More are refused with 400.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxRepositoryIndex { get; set; } = 10_000;

    /// <summary>
    /// The most requests at a time in this process, event streams and gRPC streams included. One more is refused with 503 before its
    /// body is read; probes are not. Requests of keys of low priority are refused from four fifths on.
    /// </summary>
    /// <value>The default is 10,000: beyond it, answers come too late to be of use.</value>
    public int MaxConcurrentRequests { get; set; } = 10_000;

    /// <summary>
    /// The most bytes of HTTP bodies that this process holds in memory at a time. A request that needs more is refused with 503, before
    /// its body is read where its length is told. Uploads to disk don't count, nor do gRPC messages.
    /// </summary>
    /// <value>The default is 1 GiB.</value>
    public long MaxBytesInFlight { get; set; } = 1L << 30;

    /// <summary>Seconds in the header Retry-After of a 429 where how long the wait is isn't known.</summary>
    /// <value>The default is 1.</value>
    public int RetryAfterBusySeconds { get; set; } = 1;

    /// <summary>Seconds in the header Retry-After of a 503 where how long the wait is isn't known.</summary>
    /// <value>The default is 5: a failover takes about as long.</value>
    public int RetryAfterUnavailableSeconds { get; set; } = 5;
}
