using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>
/// Sends many cases to a silo, and looks at each answer; at the log; and, at the end, at what was left behind: pooled arrays, managed memory,
/// requests under way, processor time.
/// </summary>
internal sealed class FuzzRun(InProcessSilo silo, ulong seed, Action<string> say)
{
    // Threads keep a few arrays of their own.
    private const int PooledSlack = 60;

    // A request whose time is up may still be read by a batch: its arrays are left to the collector.
    private const int PooledOfLate = 4;

    // Caches that fill, tables of metrics, compiled code: what a million cases leave behind does not depend on their number.
    private const long MemorySlack = 24 << 20;

    private const int Slowest = 5;
    private const int Turn = 16;
    private const string Logged = "an error was logged";
    private static readonly TimeSpan MostProcessorTime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<FuzzFailure> _failures = new();
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(FuzzCase Case, long Number), long> _slow = new();
    private long _taken;
    private long _late;
    private long _next;

    /// <summary>What went wrong; first what is known to be of the case that it names.</summary>
    public IReadOnlyList<FuzzFailure> Failures =>
        [
            .. _failures.OrderBy(failure =>
                failure.Problem.StartsWith(Logged, StringComparison.Ordinal)
            ),
        ];

    /// <summary>Of the cases, those that were answered; the others were refused.</summary>
    public long Taken => _taken;

    /// <summary>Runs so many cases of a surface, or as many as it takes to fail.</summary>
    public async Task RunAsync(
        FuzzTarget target,
        long cases,
        int workers,
        CancellationToken cancellationToken
    )
    {
        var corpus = Corpus.Read(target.Name);
        say($"{target.Name}: {cases:N0} cases, seed {seed}, {corpus.Count} requests in the corpus");
        using var pools = new PoolWatch();
        // The first tenth fills what is filled once.
        var watch = Stopwatch.StartNew();
        await RunAsync(target, corpus, cases / 10, workers, cancellationToken);
        var (pooled, memory) = await SettleAsync(pools);
        for (var tenth = 2; tenth <= 10 && _failures.IsEmpty; tenth++)
        {
            await RunAsync(target, corpus, cases * tenth / 10, workers, cancellationToken);
            say(
                $"  {_next:N0} cases, {_taken:N0} answered, {_next / watch.Elapsed.TotalSeconds:N0} a second"
            );
        }
        if (!_failures.IsEmpty)
            return;
        var (pooledAfter, memoryAfter) = await SettleAsync(pools);
        say(
            $"  pooled arrays out: {pooled} after the first tenth, {pooledAfter} at the end, of {pools.Seen:N0} rented; managed memory: {memory >> 10:N0} KiB, {memoryAfter >> 10:N0} KiB; {_late} answers came too late"
        );
        if (pools.Seen < _next)
            Fail(
                null,
                0,
                $"only {pools.Seen} arrays were seen to be rented: the watch sees nothing"
            );
        if (pooledAfter > pooled + PooledSlack + PooledOfLate * _late)
            Fail(null, 0, $"pooled arrays were not given back: {pools.Describe()}");
        if (memoryAfter > memory + MemorySlack)
            Fail(null, 0, $"managed memory grew from {memory:N0} to {memoryAfter:N0} bytes");
        await MeasureSlowestAsync();
    }

    /// <summary>Sends one case.</summary>
    public async Task CheckAsync(FuzzCase request, long number)
    {
        using var inner = new InnerRequest(
            "POST",
            request.Path,
            request.Headers,
            request.Body,
            request.IsGrpc
        );
        try
        {
            await silo.Server.RunAsync(inner.All);
            await inner.EndAsync();
        }
        catch (Exception error)
        {
            Fail(request, number, $"an exception left the pipeline: {error}");
            return;
        }
        if (FuzzAnswer.Problem(request, inner) is { } problem)
            Fail(request, number, problem);
        else if (FuzzAnswer.IsTaken(inner))
            Interlocked.Increment(ref _taken);
        else if (FuzzAnswer.IsLate(inner))
            Interlocked.Increment(ref _late);
        foreach (var error in silo.Log.Take())
            Fail(request, number, $"{Logged} (by this case or one beside it): {error}");
    }

    private async Task RunAsync(
        FuzzTarget target,
        IReadOnlyList<FuzzCase> corpus,
        long until,
        int workers,
        CancellationToken cancellationToken
    )
    {
        await Task.WhenAll(
            Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, cancellationToken))
        );

        async Task WorkAsync()
        {
            while (_failures.IsEmpty && !cancellationToken.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref _next) - 1;
                if (number >= until)
                {
                    Interlocked.Decrement(ref _next);
                    return;
                }
                var request = target.Case(seed, (ulong)number, corpus);
                var started = Stopwatch.GetTimestamp();
                await CheckAsync(request, number);
                Remember(request, number, Stopwatch.GetTimestamp() - started);
                // Most cases end on this thread; the silo's own work waits for it too.
                if (number % Turn == 0)
                    await Task.Yield();
            }
        }
    }

    private void Remember(FuzzCase request, long number, long ticks)
    {
        lock (_gate)
        {
            if (_slow.Count < Slowest)
                _slow.Enqueue((request, number), ticks);
            else if (_slow.TryPeek(out _, out var least) && ticks > least)
                _slow.EnqueueDequeue((request, number), ticks);
        }
    }

    /// <summary>What is left when nothing is under way.</summary>
    private async Task<(int Pooled, long Memory)> SettleAsync(PoolWatch pools)
    {
        await silo.Server.IdleAsync();
        var memory = long.MaxValue;
        // What was freed may free more.
        for (var i = 0; i < 4; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            memory = Math.Min(memory, GC.GetTotalMemory(forceFullCollection: true));
        }
        return (pools.Outstanding, memory);
    }

    // The machine may have been busy with something else: by processor time, alone, the least of three.
    private async Task MeasureSlowestAsync()
    {
        var slow = _slow.UnorderedItems.OrderByDescending(item => item.Priority).ToList();
        foreach (var ((request, number), ticks) in slow)
        {
            var least = TimeSpan.MaxValue;
            for (var i = 0; i < 3; i++)
            {
                var before = Environment.CpuUsage.TotalTime;
                await CheckAsync(request, number);
                var spent = Environment.CpuUsage.TotalTime - before;
                least = spent < least ? spent : least;
            }
            say(
                $"  slow: case {number}, {Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds:N1} ms among others, {least.TotalMilliseconds:N1} ms of processor time alone, {request.Body.Length:N0} bytes to {request.Path}"
            );
            if (least > MostProcessorTime)
                Fail(request, number, $"it took {least.TotalSeconds:N1} s of processor time");
        }
    }

    private void Fail(FuzzCase? request, long number, string problem) =>
        _failures.Enqueue(new FuzzFailure(request, number, problem));
}
