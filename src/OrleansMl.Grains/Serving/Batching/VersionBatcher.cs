using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Statistics;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>
/// The calls of a version on this silo: run at once on their own thread when the version is idle and known to be quick, else queued for
/// the inference threads, which run together what waits. Thread-safe.
/// </summary>
internal sealed partial class VersionBatcher : IInferenceWork, IDisposable
{
    // A hand-off to another thread costs about this; who is quicker is not worth one.
    private static readonly TimeSpan HandOff = TimeSpan.FromMicroseconds(50);

    // Longer than this a run holds up the thread that the silo's own work waits for.
    private static readonly TimeSpan LongestInline = TimeSpan.FromMicroseconds(500);

    // Shorter runs are not shared out: waking another thread takes a good part of that.
    private static readonly TimeSpan WorthSharing = TimeSpan.FromMicroseconds(250);

    // The clock's timers are no finer, and a shorter time would fire at once, again and again.
    private static readonly TimeSpan LeastTimer = TimeSpan.FromMilliseconds(1);

    private readonly ModelVersionId _version;
    private readonly IInferenceSession _session;
    private readonly InferenceThreads _threads;
    private readonly TimeProvider _time;
    private readonly bool _hasRows;
    private readonly long _handOff;
    private readonly long _inline;
    private readonly long _worthSharing;
    private readonly FairShareSeat<IInferenceWork> _seat;
    private readonly Lock _gate = new();
    private readonly BatchQueue<BatchedCall> _queue = new();
    private readonly BatchCostTable _costs = new();
    private BatchRules _rules;
    private ITimer? _timer;
    private long _timerAt = long.MaxValue;
    private long _freeAt;
    private long _lastTicks;
    private int _running;
    private long _runningRows;
    private bool _crowded;
    private bool _stopped;

    public VersionBatcher(
        ModelVersionId version,
        IInferenceSession session,
        BatchRules rules,
        VersionCounters counters,
        InferenceThreads threads,
        TimeProvider time
    )
    {
        _version = version;
        _session = session;
        _rules = rules;
        Counters = counters;
        _threads = threads;
        _time = time;
        _handOff = (long)(HandOff.TotalSeconds * time.TimestampFrequency);
        _inline = (long)(LongestInline.TotalSeconds * time.TimestampFrequency);
        _worthSharing = (long)(WorthSharing.TotalSeconds * time.TimestampFrequency);
        _hasRows = session.Signature.Inputs.All(input =>
            input.Shape.Count > 0 && input.Shape[0] < 0
        );
        _seat = new FairShareSeat<IInferenceWork>(this);
    }

    public VersionCounters Counters { get; }

    public int Waiting => _queue.Count;

    public long ExpectedTicks => Volatile.Read(ref _lastTicks);

    public BatchRules Rules
    {
        get => Volatile.Read(ref _rules);
        set => Volatile.Write(ref _rules, value);
    }

    /// <summary>Runs a call whose inputs are checked and in the signature's order.</summary>
    /// <exception cref="OverloadedException">The queue is full.</exception>
    /// <exception cref="UnavailableException">It can't be answered in time, or was not.</exception>
    public ValueTask<BatchAnswer> RunAsync(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        InferenceParameters parameters,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var arrived = _time.GetTimestamp();
        var rows = _hasRows ? (int)Math.Min(int.MaxValue, inputs[0].Shape[0]) : 1;
        var burst = RequestBurst.Current;
        if (burst is not null && !IsForBurst(rows))
            burst = null;
        if (burst is null && TryBeginInline(rows, InferenceVolume.Of(_session.Signature, inputs)))
            return new(RunInline(inputs, outputs, rows, arrived));
        var call = new BatchedCall(
            inputs,
            outputs,
            BatchGroup.Of(_session.Signature, inputs, outputs),
            rows,
            Rules.LevelOf(parameters.Priority),
            arrived,
            Rules.DeadlineOf(arrived, parameters.TimeoutMicroseconds, _time.TimestampFrequency),
            goesOnHere: burst is not null
        );
        return new(
            burst is null
                ? EnqueueAsync(call, cancellationToken)
                : JoinAsync(burst, call, cancellationToken)
        );
    }

    /// <summary>Runs the next batch, on an inference thread.</summary>
    public void Run()
    {
        List<BatchedCall> batch = [];
        List<BatchedCall> late = [];
        BatchClosing closing;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (!HasRoom() || _queue.CloseAt(Rules, _costs, out var ended) > now)
                return;
            var most = BatchPacing.Part(_queue.Rows, _running, Rules, _costs, _worthSharing);
            closing = _queue.Take(now, most, batch, late);
            if (closing == BatchClosing.Idle && ended is { } why)
                closing = why;
            else if (closing == BatchClosing.Full && most < Rules.MaxRows)
                closing = BatchClosing.Parted;
            if (batch.Count > 0)
            {
                Begin(now, batch.Sum(call => call.Rows));
                _crowded = batch.Count > 1;
            }
            Wake(now);
        }
        FailLate(late);
        if (batch.Count == 0)
            return;
        try
        {
            Execute(batch, closing);
        }
        finally
        {
            End(batch.Sum(call => call.Rows));
        }
    }

    /// <summary>Refuses whoever waits and whoever comes.</summary>
    public void Dispose()
    {
        List<BatchedCall> left = [];
        lock (_gate)
        {
            _stopped = true;
            _queue.Clear(left);
            _timer?.Dispose();
        }
        foreach (var call in left)
            Fail(call, Stopping());
    }

    private bool TryBeginInline(int rows, long volume)
    {
        lock (_gate)
        {
            if (_stopped)
                throw Stopping();
            if (_session.InlineVolume == 0)
                return false;
            // What was measured, as far as it was; else what the model took to load, which knows single rows alone.
            var cost = _costs.Of(rows);
            if (cost > 0 ? cost > _inline : volume > _session.InlineVolume)
                return false;
            // One that is over before another thread has woken up gains nothing by company: it runs whoever else does.
            var quick = cost > 0 && cost < _handOff;
            if (Rules.DelayTicks > 0)
                return false;
            // Who comes first after a batch is not alone for long: the others of that batch are about to come back.
            if (!quick && (_queue.Count > 0 || _running > 0 || _crowded))
                return false;
            _running++;
            _runningRows += rows;
            return true;
        }
    }

    private BatchAnswer RunInline(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string> outputs,
        int rows,
        long arrived
    )
    {
        try
        {
            var memory = new TensorMemory();
            var answer = new BatchAnswer(_session.Run(inputs, outputs, memory), memory);
            var spent = _time.GetTimestamp() - arrived;
            Ran(1, rows, BatchClosing.Idle, 0, spent, 0);
            Counters.Answered(0, spent);
            _threads.AddInline(spent);
            return answer;
        }
        catch
        {
            Counters.Failed(_time.GetTimestamp() - arrived);
            throw;
        }
        finally
        {
            End(rows);
        }
    }

    private async Task<BatchAnswer> EnqueueAsync(
        BatchedCall call,
        CancellationToken cancellationToken
    )
    {
        try
        {
            lock (_gate)
            {
                Admit(call);
                _queue.Add(call);
                Wake(call.ArrivedAt);
            }
        }
        catch
        {
            Counters.Failed(_time.GetTimestamp() - call.ArrivedAt);
            throw;
        }
        return await AwaitAsync(call, cancellationToken);
    }

    private async Task<BatchAnswer> AwaitAsync(
        BatchedCall call,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await call.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Counters.Failed(_time.GetTimestamp() - call.ArrivedAt);
            throw;
        }
    }

    private void Admit(BatchedCall call)
    {
        if (_stopped)
            throw Stopping();
        if (_queue.Count >= Rules.QueueLimit)
            throw new OverloadedException(
                $"{Rules.QueueLimit} calls wait for model version {_version} on this silo already; try again later."
            )
            {
                RetryAfter = Drain(call),
            };
        // An idle version takes anybody: were its costs ever measured too high, nothing else would measure them anew.
        if (call.Deadline == long.MaxValue || (_queue.Count == 0 && _running < Rules.Instances))
            return;
        var (calls, rows) = _queue.Ahead(call.Priority);
        var end = BatchAdmission.EarliestEnd(
            call.ArrivedAt,
            call.Rows,
            calls,
            rows,
            _running < Rules.Instances ? call.ArrivedAt : _freeAt,
            Rules,
            _costs
        );
        if (end > call.Deadline)
            throw new UnavailableException(
                $"Model version {_version} can't answer within the call's timeout of {Milliseconds(call.Deadline - call.ArrivedAt):0.###} ms: {calls} calls wait before it, and the earliest answer is in {Milliseconds(end - call.ArrivedAt):0.###} ms."
            )
            {
                RetryAfter = Drain(call),
            };
    }

    // Under the gate: until what waits has been run, as far as the costs are known.
    private TimeSpan Drain(BatchedCall call)
    {
        var (calls, rows) = _queue.Ahead(call.Priority);
        var end = BatchAdmission.EarliestEnd(
            call.ArrivedAt,
            call.Rows,
            calls,
            rows,
            _running < Rules.Instances ? call.ArrivedAt : _freeAt,
            Rules,
            _costs
        );
        return TimeSpan.FromMilliseconds(Milliseconds(end - call.ArrivedAt));
    }

    /// <summary>Under the gate: asks for a thread if a batch can begin, and for the clock if one is to be closed or a call is late later on.</summary>
    private void Wake(long now)
    {
        if (_queue.Count == 0)
            return;
        var closeAt = long.MaxValue;
        if (HasRoom())
        {
            closeAt = _queue.CloseAt(Rules, _costs, out _);
            if (closeAt <= now)
            {
                _threads.Add(_seat);
                closeAt = long.MaxValue;
            }
        }
        Arm(now, Math.Min(closeAt, _queue.NextDeadline));
    }

    private void Arm(long now, long at)
    {
        if (at == long.MaxValue || at >= _timerAt || _stopped)
            return;
        _timerAt = at;
        var due = _time.GetElapsedTime(now, at);
        due = due < LeastTimer ? LeastTimer : due;
        if (_timer is null)
            _timer = _time.CreateTimer(
                static batcher => ((VersionBatcher)batcher!).OnTimer(),
                this,
                due,
                Timeout.InfiniteTimeSpan
            );
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        List<BatchedCall> late = [];
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _timerAt = long.MaxValue;
            _queue.Expire(now, late);
            Wake(now);
        }
        FailLate(late);
    }

    // Under the gate. Whoever has a deadline is not kept waiting for company.
    private bool HasRoom() =>
        _running < Rules.Instances
        && (
            _running == 0
            || _queue.NextDeadline < long.MaxValue
            || BatchPacing.Pays(_queue.Rows, _runningRows, Rules, _costs)
        );

    private void Begin(long now, int rows)
    {
        _running++;
        _runningRows += rows;
        var ends = now + _costs.AtLeast(rows);
        // The earliest end of those under way; known for sure only while the last to begin is the first to end.
        _freeAt = _running == 1 ? ends : Math.Min(_freeAt, ends);
    }

    private void End(int rows)
    {
        lock (_gate)
        {
            _running--;
            _runningRows -= rows;
            Wake(_time.GetTimestamp());
        }
    }

    private void Ran(int calls, int rows, BatchClosing closing, long input, long infer, long output)
    {
        Volatile.Write(ref _lastTicks, input + infer + output);
        lock (_gate)
            _costs.Record(rows, input + infer + output);
        Counters.Ran(calls, rows, closing, input, infer, output);
    }

    private void Execute(List<BatchedCall> batch, BatchClosing closing)
    {
        try
        {
            if (batch.Count == 1)
                ExecuteAlone(batch[0], closing);
            else
                ExecuteTogether(batch, closing);
        }
        catch (InvalidInputException) when (batch.Count > 1)
        {
            // One call's values are refused: only that one is to know.
            foreach (var call in batch)
                Execute([call], closing);
        }
        catch (Exception error)
        {
            foreach (var call in batch)
                Fail(call, error);
        }
    }

    private void ExecuteAlone(BatchedCall call, BatchClosing closing)
    {
        var began = _time.GetTimestamp();
        var memory = new TensorMemory();
        var outputs = _session.Run(call.Inputs, call.Outputs, memory);
        var ended = _time.GetTimestamp();
        Ran(1, call.Rows, closing, 0, ended - began, 0);
        Answer(call, new BatchAnswer(outputs, memory), began, ended);
    }

    private void ExecuteTogether(List<BatchedCall> batch, BatchClosing closing)
    {
        var began = _time.GetTimestamp();
        int[] rows = [.. batch.Select(call => call.Rows)];
        var all = rows.Sum();
        var block = new TensorMemory();
        var memory = new TensorMemory();
        InferenceTensor[][] split;
        long gathered,
            ran;
        try
        {
            var inputs = TensorBatches.Gather([.. batch.Select(call => call.Inputs)], all, block);
            gathered = _time.GetTimestamp();
            var outputs = _session.Run(inputs, batch[0].Outputs, memory);
            ran = _time.GetTimestamp();
            split = TensorBatches.Split(outputs, rows);
        }
        finally
        {
            block.Release();
        }
        var ended = _time.GetTimestamp();
        Ran(batch.Count, all, closing, gathered - began, ran - gathered, ended - ran);
        // Each caller has a part of the one block of outputs and releases it for himself.
        memory.Hold(batch.Count - 1);
        for (var i = 0; i < batch.Count; i++)
            Answer(batch[i], new BatchAnswer(split[i], memory), began, ended);
    }

    private void Answer(BatchedCall call, BatchAnswer answer, long began, long ended)
    {
        var queued = began - call.ArrivedAt;
        Counters.Answered(queued, ended - call.ArrivedAt);
        ServingInstruments.QueueSeconds.Record(Milliseconds(queued) / 1000);
        call.Answer(answer);
    }

    private void FailLate(List<BatchedCall> late)
    {
        foreach (var call in late)
            Fail(
                call,
                new UnavailableException(
                    $"Model version {_version} did not get to the call within its timeout of {Milliseconds(call.Deadline - call.ArrivedAt):0.###} ms."
                )
            );
    }

    private void Fail(BatchedCall call, Exception error)
    {
        Counters.Failed(_time.GetTimestamp() - call.ArrivedAt);
        call.Fail(error);
    }

    private double Milliseconds(long ticks) => ticks * 1e3 / _time.TimestampFrequency;

    private static UnavailableException Stopping() => new("This silo is stopping; ask another.");
}
