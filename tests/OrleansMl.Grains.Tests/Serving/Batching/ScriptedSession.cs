using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Grains.Tests.Serving.Batching;

/// <summary>Adds 1 to each value; every run announces itself and waits to be let go when it is told to.</summary>
internal sealed class ScriptedSession : IInferenceSession
{
    public ModelSignature Signature => TestModels.Signature;

    public long InlineVolume { get; set; }

    /// <summary>When set, runs wait for a permit.</summary>
    public bool Gated { get; set; }

    public SemaphoreSlim Began { get; } = new(0);

    public SemaphoreSlim Permits { get; } = new(0);

    public ConcurrentQueue<long> Rows { get; } = new();

    public ConcurrentQueue<float> Firsts { get; } = new();

    public ConcurrentQueue<int> Threads { get; } = new();

    /// <summary>Called in each run.</summary>
    public Action OnRun { get; set; } = () => { };

    public IReadOnlyList<InferenceTensor> Run(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        TensorMemory? memory = null
    )
    {
        var values = MemoryMarshal.Cast<byte, float>(inputs[0].Data.Span);
        Rows.Enqueue(inputs[0].Shape[0]);
        Firsts.Enqueue(values[0]);
        Threads.Enqueue(Environment.CurrentManagedThreadId);
        Began.Release();
        if (Gated)
            Permits.Wait(TestContext.Current.CancellationToken);
        OnRun();
        if (values.Contains(-1))
            throw new InvalidInputException("-1 is refused.");
        var bytes = memory!.Rent(values.Length * 4).AsMemory(0, values.Length * 4);
        var answers = MemoryMarshal.Cast<byte, float>(bytes.Span);
        for (var i = 0; i < values.Length; i++)
            answers[i] = values[i] + 1;
        return [inputs[0] with { Name = "y", Data = bytes }];
    }

    public void Dispose() { }
}
