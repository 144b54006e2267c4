using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Core.Serving.Statistics;

/// <summary>
/// What a version did on this silo. Written on the hot path: a lock held for some additions, once a run and once a call. Times are in
/// the clock's ticks. Thread-safe.
/// </summary>
public sealed class VersionCounters(ModelVersionId version, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Sum _success;
    private Sum _fail;
    private Sum _queue;
    private Sum _input;
    private Sum _infer;
    private Sum _output;
    private Sum _cacheHit;
    private Sum _cacheMiss;
    private long _rows;
    private long _executions;
    private long _usedAt;
    private RunSums[] _runs = [];
    private long[] _closed = [];

    /// <summary>Which version.</summary>
    public ModelVersionId Version { get; } = version;

    /// <summary>When it was last used; the clock's timestamp, 0: never.</summary>
    internal long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>A run ended well: one batch of one or more calls.</summary>
    /// <param name="calls">Calls in it.</param>
    /// <param name="rows">Their rows.</param>
    /// <param name="closing">Why the batch was closed.</param>
    /// <param name="input">Putting inputs together.</param>
    /// <param name="infer">The model's run.</param>
    /// <param name="output">Giving each call its rows.</param>
    public void Ran(int calls, int rows, BatchClosing closing, long input, long infer, long output)
    {
        var at = BatchSizes.ClassOf(rows);
        lock (_gate)
        {
            _executions++;
            _rows += rows;
            _input.Add(calls, input * calls);
            _infer.Add(calls, infer * calls);
            _output.Add(calls, output * calls);
            if (at >= _runs.Length)
                Array.Resize(ref _runs, at + 1);
            ref var run = ref _runs[at];
            run.Count++;
            run.Input += input;
            run.Infer += infer;
            run.Output += output;
            if ((int)closing >= _closed.Length)
                Array.Resize(ref _closed, (int)closing + 1);
            _closed[(int)closing]++;
        }
    }

    /// <summary>A call was answered.</summary>
    /// <param name="queued">How long it waited.</param>
    /// <param name="total">From its arrival to its answer.</param>
    public void Answered(long queued, long total)
    {
        lock (_gate)
        {
            _queue.Add(1, queued);
            _success.Add(1, total);
            _usedAt = time.GetTimestamp();
        }
    }

    /// <summary>A call was not answered.</summary>
    /// <param name="total">From its arrival to its refusal.</param>
    public void Failed(long total)
    {
        lock (_gate)
        {
            _fail.Add(1, total);
            _usedAt = time.GetTimestamp();
        }
    }

    /// <summary>The cache had the answer.</summary>
    /// <param name="rows">Rows answered.</param>
    /// <param name="total">The look, which is all that the call took.</param>
    public void CacheHit(int rows, long total)
    {
        lock (_gate)
        {
            _rows += rows;
            _cacheHit.Add(1, total);
            _success.Add(1, total);
            _usedAt = time.GetTimestamp();
        }
    }

    /// <summary>The cache had no answer.</summary>
    /// <param name="spent">Looking, and putting the answer there.</param>
    public void CacheMiss(long spent)
    {
        lock (_gate)
            _cacheMiss.Add(1, spent);
    }

    /// <summary>Batches closed, by reason.</summary>
    public long Closed(BatchClosing closing)
    {
        lock (_gate)
            return (int)closing < _closed.Length ? _closed[(int)closing] : 0;
    }

    /// <summary>Runs, by the largest size of their class.</summary>
    public IReadOnlyList<(int Size, long Runs)> Sizes()
    {
        lock (_gate)
            return
            [
                .. _runs
                    .Select((run, at) => (BatchSizes.LargestOf(at), run.Count))
                    .Where(sized => sized.Count > 0),
            ];
    }

    /// <summary>All sums now.</summary>
    public VersionStatistics Read()
    {
        lock (_gate)
        {
            return new VersionStatistics
            {
                Version = Version,
                LastInferenceMilliseconds =
                    _usedAt == 0
                        ? 0
                        : (
                            time.GetUtcNow() - time.GetElapsedTime(_usedAt)
                        ).ToUnixTimeMilliseconds(),
                InferenceCount = _rows,
                ExecutionCount = _executions,
                Success = Of(_success),
                Fail = Of(_fail),
                Queue = Of(_queue),
                ComputeInput = Of(_input),
                ComputeInfer = Of(_infer),
                ComputeOutput = Of(_output),
                CacheHit = Of(_cacheHit),
                CacheMiss = Of(_cacheMiss),
                Batches =
                [
                    .. _runs
                        .Select((run, at) => (Run: run, Size: BatchSizes.LargestOf(at)))
                        .Where(sized => sized.Run.Count > 0)
                        .Select(sized => new BatchStatistics
                        {
                            BatchSize = sized.Size,
                            ComputeInput = Of(sized.Run.Count, sized.Run.Input),
                            ComputeInfer = Of(sized.Run.Count, sized.Run.Infer),
                            ComputeOutput = Of(sized.Run.Count, sized.Run.Output),
                        }),
                ],
            };
        }
    }

    private DurationStatistics Of(Sum sum) => Of(sum.Count, sum.Ticks);

    private DurationStatistics Of(long count, long ticks) =>
        new(count, (long)(ticks * (1e9 / time.TimestampFrequency)));

    private struct Sum
    {
        public long Count { get; private set; }

        public long Ticks { get; private set; }

        public void Add(long count, long ticks)
        {
            Count += count;
            Ticks += ticks;
        }
    }

    private struct RunSums
    {
        public long Count { get; set; }

        public long Input { get; set; }

        public long Infer { get; set; }

        public long Output { get; set; }
    }
}
