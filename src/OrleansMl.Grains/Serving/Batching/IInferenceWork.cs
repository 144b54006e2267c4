namespace OrleansMl.Grains.Serving.Batching;

/// <summary>Who has work for <see cref="InferenceThreads"/>.</summary>
internal interface IInferenceWork
{
    /// <summary>What its next run is expected to take, in the clock's ticks.</summary>
    long ExpectedTicks { get; }

    /// <summary>Does what there is to do now, one run at most; throws nothing.</summary>
    void Run();
}
