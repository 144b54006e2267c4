using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>
/// A call that waits for its run. Its caller may give it up until it is taken; from then on he waits for the run, because the run
/// reads his tensors' memory. Where it goes on here, whoever asked goes on on the thread that answers.
/// </summary>
internal sealed class BatchedCall(
    IReadOnlyList<InferenceTensor> inputs,
    IReadOnlyList<string> outputs,
    BatchGroup group,
    int rows,
    int priority,
    long arrivedAt,
    long deadline,
    bool goesOnHere = false
) : IBatchItem
{
    private readonly TaskCompletionSource<BatchAnswer> _done = new(
        goesOnHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously
    );
    private int _taken;

    public IReadOnlyList<InferenceTensor> Inputs => inputs;

    public IReadOnlyList<string> Outputs => outputs;

    public BatchGroup Group => group;

    public int Rows => rows;

    public int Priority => priority;

    public long ArrivedAt => arrivedAt;

    public long Deadline => deadline;

    public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

    public void Answer(BatchAnswer answer) => _done.SetResult(answer);

    public void Fail(Exception error) => _done.SetException(error);

    /// <summary>The answer; given up when the token says so before the call was taken.</summary>
    public async Task<BatchAnswer> WaitAsync(CancellationToken cancellationToken)
    {
        await using var given = cancellationToken.UnsafeRegister(
            static (call, token) =>
            {
                if (((BatchedCall)call!).TryTake())
                    ((BatchedCall)call)._done.SetCanceled(token);
            },
            this
        );
        return await _done.Task;
    }
}
