using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Serving.Limits;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>From a message to a message: read, route, run, write.</summary>
internal sealed class GrpcInference(
    InferenceService service,
    RequestLimits limits,
    TimeProvider time
)
{
    /// <summary>Charges a message of a stream to its caller as a request.</summary>
    public ValueTask ChargeMessageAsync(ServerCallContext call) =>
        limits.ChargeMessageAsync(call.GetHttpContext());

    /// <summary>Answers a request; whoever sends the answer releases the response after it.</summary>
    public async ValueTask<(ModelInferResponse Message, InferenceResponse Response)> InferAsync(
        ModelInferRequest message,
        ServerCallContext call
    )
    {
        var context = call.GetHttpContext();
        Caller.RequireModel(context, message.ModelName);
        var memory = new TensorMemory();
        ParsedInferenceRequest parsed;
        InferenceResponse response;
        try
        {
            parsed = ModelInferReader.Read(message, memory);
            response = await service.InferAsync(
                message.ModelName,
                message.ModelVersion,
                parsed.Request with
                {
                    Parameters = Within(call, parsed.Request.Parameters),
                },
                parsed.Outputs,
                context,
                call.CancellationToken
            );
        }
        catch (Exception error) when (InferenceService.IsRefusal(error))
        {
            memory.Release();
            throw;
        }
        // The model has answered. Of a request that was given up a batch may still read: its memory is left to the collector.
        memory.Release();
        return (ModelInferWriter.Write(response, message, parsed.IsOutputBinary), response);
    }

    // A call that can't be answered before its deadline is refused rather than run.
    private InferenceParameters Within(ServerCallContext call, InferenceParameters parameters)
    {
        if (call.Deadline == DateTime.MaxValue)
            return parameters;
        var left = Math.Max(
            1,
            (long)(call.Deadline - time.GetUtcNow().UtcDateTime).TotalMicroseconds
        );
        return parameters.TimeoutMicroseconds > 0 && parameters.TimeoutMicroseconds <= left
            ? parameters
            : parameters with
            {
                TimeoutMicroseconds = Math.Min(left, RequestParameters.MaxTimeoutMicroseconds),
            };
    }
}
