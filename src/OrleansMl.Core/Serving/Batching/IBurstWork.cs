namespace OrleansMl.Core.Serving.Batching;

/// <summary>What the requests of a <see cref="RequestBurst"/> ask for together.</summary>
public interface IBurstWork
{
    /// <summary>Does it, on the thread that read the requests. Failures are told to those who asked.</summary>
    void Run();
}
