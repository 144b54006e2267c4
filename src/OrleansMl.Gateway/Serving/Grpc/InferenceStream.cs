using System.Threading.Channels;
using Grpc.Core;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>
/// One call of ModelStreamInfer. Requests run side by side up to a limit, beyond which none is read, so that a fast sender is held back;
/// answers go out in the requests' order, each with its own error. Requests of one sequence run one after the other.
/// </summary>
internal sealed class InferenceStream(
    GrpcInference inference,
    GrpcErrors errors,
    Authenticator authenticator,
    int limit,
    ServerCallContext call
)
{
    private readonly Channel<
        Task<(ModelStreamInferResponse Message, InferenceResponse? Response)>
    > _answers = Channel.CreateUnbounded<
        Task<(ModelStreamInferResponse Message, InferenceResponse? Response)>
    >(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    // The last request of each sequence that is not answered yet.
    private readonly Dictionary<string, Task> _sequences = [];

    public async Task RunAsync(
        IAsyncStreamReader<ModelInferRequest> requests,
        IServerStreamWriter<ModelStreamInferResponse> answers
    )
    {
        using var free = new SemaphoreSlim(limit);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        var reading = ReadAsync(requests, free, stop.Token);
        try
        {
            await foreach (var answer in _answers.Reader.ReadAllAsync(call.CancellationToken))
            {
                var (message, response) = await answer;
                await answers.WriteAsync(message, call.CancellationToken);
                response?.Release();
                free.Release();
            }
        }
        finally
        {
            // A client that takes no answers any more has its requests read no further.
            await stop.CancelAsync();
            await reading;
        }
    }

    private async Task ReadAsync(
        IAsyncStreamReader<ModelInferRequest> requests,
        SemaphoreSlim free,
        CancellationToken cancellationToken
    )
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                await free.WaitAsync(cancellationToken);
                if (!await requests.MoveNext(cancellationToken))
                    break;
                await _answers.Writer.WriteAsync(Begin(requests.Current), cancellationToken);
            }
        }
        catch (Exception error)
        {
            // The writing side ends the call with it, after the answers before.
            failure = error;
        }
        _answers.Writer.Complete(failure);
    }

    private Task<(ModelStreamInferResponse Message, InferenceResponse? Response)> Begin(
        ModelInferRequest request
    )
    {
        if (
            !request.Parameters.TryGetValue("sequence_id", out var id)
            || id.ToString() is not { Length: > 0 } sequence
        )
            return AnswerAsync(request, Task.CompletedTask);
        foreach (var (ended, _) in _sequences.Where(entry => entry.Value.IsCompleted).ToList())
            _sequences.Remove(ended);
        var answer = AnswerAsync(
            request,
            _sequences.GetValueOrDefault(sequence, Task.CompletedTask)
        );
        _sequences[sequence] = answer;
        return answer;
    }

    private async Task<(ModelStreamInferResponse Message, InferenceResponse? Response)> AnswerAsync(
        ModelInferRequest request,
        Task before
    )
    {
        // Never fails: a request's error is in its answer.
        await before;
        try
        {
            // A key that was revoked, or a token that expired, since the stream began is taken no more.
            if (authenticator.Authenticate(call.GetHttpContext(), out var token) is null)
                await authenticator.ValidateAsync(token!, call.CancellationToken);
            await inference.ChargeMessageAsync(call);
            var (message, response) = await inference.InferAsync(request, call);
            return (new ModelStreamInferResponse { InferResponse = message }, response);
        }
        catch (Exception error)
        {
            return (
                new ModelStreamInferResponse
                {
                    ErrorMessage = errors.Describe(error, call).Status.Detail,
                    InferResponse = new ModelInferResponse
                    {
                        Id = request.Id,
                        ModelName = request.ModelName,
                        ModelVersion = request.ModelVersion,
                    },
                },
                null
            );
        }
    }
}
