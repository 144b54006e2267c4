namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>How models are loaded into ONNX Runtime.</summary>
public sealed class OnnxEngineOptions
{
    /// <summary><c>cpu</c> or <c>cuda</c>; cuda needs the GPU build (<c>-p:Accelerator=cuda</c>). Default cpu.</summary>
    public string ExecutionProvider { get; set; } = "cpu";

    /// <summary>Which GPU, with cuda. Default 0.</summary>
    public int DeviceId { get; set; }

    /// <summary>Threads inside one operation, the calling one included. More than 1 starts threads for every loaded version, which then compete with each other and with the silo. Default 1: the caller's thread does it all.</summary>
    public int IntraOpThreads { get; set; } = 1;

    /// <summary>Threads across operations. Default 1.</summary>
    public int InterOpThreads { get; set; } = 1;

    /// <summary>Whether idle threads of the two pools spin. It saves microseconds of latency and costs three times the processor. Default false.</summary>
    public bool AllowSpinning { get; set; }

    /// <summary>Whether each session keeps an arena of freed memory. Faster for large activations; the memory of the largest call ever made stays with every version. Default false.</summary>
    public bool UseMemoryArena { get; set; }

    /// <summary>Whether each session plans one block for all activations of a shape. It pays where shapes repeat and only with the arena. Default false.</summary>
    public bool UseMemoryPattern { get; set; }

    /// <summary>Largest model file, in bytes. Default 2 GiB − 1, the format's own limit without external data.</summary>
    public long MaxModelBytes { get; set; } = int.MaxValue;

    /// <summary>Longest loading and longest warm-up of a model, each. A model that never ends is refused in place of blocking its loader for good. Default 60 s.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A call may run inline on its caller's thread as long as its rows, at the measured cost of a call of one row, take less than this. A larger value lets slow models and large batches hold up the thread pool. Default 0.5 ms.</summary>
    public TimeSpan InlineThreshold { get; set; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Calls that are timed after the warm-up; their median counts. Default 5.</summary>
    public int TimedCalls { get; set; } = 5;

    /// <summary>Largest tensor that a call may give, in bytes, as the largest that is copied out. Default 256 MiB.</summary>
    public long MaxOutputBytes { get; set; } = 256L * 1024 * 1024;
}
