using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>Calls a job's model: in batches, again while it is busy or away.</summary>
public sealed class JobCalls(ModelInvoker invoker, TimeProvider time)
{
    private const int MaxTries = 8;

    // Past every model's number of levels, which counts as the lowest: online calls go first.
    private const int Lowest = 100;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Work that blocks or loops over tensors, on a thread of its own.</summary>
    public static Task<T> OffPoolAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            work,
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    /// <summary>The version's answer.</summary>
    /// <exception cref="UnavailableException">It could not answer in several tries.</exception>
    public async Task<IReadOnlyList<InferenceTensor>> CallAsync(
        ModelVersionId model,
        IReadOnlyList<InferenceTensor> inputs,
        CancellationToken cancellationToken
    )
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var response = await invoker.InvokeAsync(
                    new InferenceCall(model.Name, $"{model.Version}", Caller: "job"),
                    new InferenceRequest
                    {
                        Inputs = inputs,
                        Parameters = new InferenceParameters { Priority = Lowest },
                    },
                    cancellationToken
                );
                return response.Outputs;
            }
            catch (Exception error)
                when (error is OverloadedException or UnavailableException && attempt < MaxTries)
            {
                await Task.Delay(pause, time, cancellationToken);
                pause *= 2;
            }
        }
    }
}
