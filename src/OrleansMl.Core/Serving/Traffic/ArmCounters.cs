using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>What one version's governed calls came to in this process since it was last taken. Thread-safe.</summary>
internal sealed class ArmCounters(int version)
{
    private readonly Lock _gate = new();
    private long[] _latencies = new long[LatencyHistogram.Buckets];
    private long _requests;
    private long _errors;
    private double _seconds;
    private double _squares;

    public void Answered(double seconds)
    {
        lock (_gate)
        {
            _requests++;
            _seconds += seconds;
            _squares += seconds * seconds;
            _latencies[LatencyHistogram.Bucket(seconds)]++;
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            _requests++;
            _errors++;
        }
    }

    /// <summary>What was counted, from now on counted anew; null: nothing.</summary>
    public ArmTally? Take()
    {
        lock (_gate)
        {
            if (_requests == 0)
                return null;
            var tally = new ArmTally
            {
                Version = version,
                Requests = _requests,
                Errors = _errors,
                Seconds = _seconds,
                SquaredSeconds = _squares,
                Latencies = _latencies,
            };
            (_requests, _errors, _seconds, _squares) = (0, 0, 0, 0);
            _latencies = new long[LatencyHistogram.Buckets];
            return tally;
        }
    }
}
