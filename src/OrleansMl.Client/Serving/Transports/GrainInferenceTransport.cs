using System.Net;
using Orleans;
using Orleans.Runtime;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>The grain, for callers in a silo and for Orleans clients: Orleans finds the silo.</summary>
internal sealed class GrainInferenceTransport(IGrainFactory grains) : IInferenceTransport
{
    /// <summary>Stands for the cluster, where transports have endpoints.</summary>
    public static readonly Uri Cluster = new("orleans://cluster/");

    public string Name => "grain";

    public async Task<InferenceResponse> InferAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        var request = call.Request!;
        request = request with
        {
            Parameters = request.Parameters with { TimeoutMicroseconds = call.AttemptMicroseconds },
        };
        try
        {
            return await Grain(call)
                .InferAsync(
                    call.Options.Reference ?? "",
                    call.Options.Key,
                    request,
                    cancellationToken
                );
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Describe(e);
        }
    }

    public async Task<ModelDescription> DescribeAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Grain(call).DescribeAsync(call.Options.Reference ?? "", cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Describe(e);
        }
    }

    public void Dispose() { }

    private IModelInferenceGrain Grain(InferenceCall call) =>
        grains.GetGrain<IModelInferenceGrain>(call.Model);

    // As the gateway answers it over HTTP.
    private static OrleansMlException Describe(Exception exception) =>
        exception switch
        {
            InvalidInputException => Make(
                HttpStatusCode.BadRequest,
                OrleansMlErrorCodes.InvalidInput,
                CallFailure.Refused,
                exception
            ),
            NotFoundException => Make(
                HttpStatusCode.NotFound,
                OrleansMlErrorCodes.NotFound,
                CallFailure.Refused,
                exception
            ),
            ConflictException or StaleAttemptException => Make(
                HttpStatusCode.Conflict,
                OrleansMlErrorCodes.Conflict,
                CallFailure.Refused,
                exception
            ),
            OverloadedException => Make(
                HttpStatusCode.TooManyRequests,
                OrleansMlErrorCodes.Overloaded,
                CallFailure.Busy,
                exception
            ),
            UnavailableException => Make(
                HttpStatusCode.ServiceUnavailable,
                OrleansMlErrorCodes.Unavailable,
                CallFailure.Away,
                exception
            ),
            AccessRefusedException => Make(
                HttpStatusCode.Forbidden,
                "forbidden",
                CallFailure.Refused,
                exception
            ),
            TimeoutException => Make(
                HttpStatusCode.ServiceUnavailable,
                OrleansMlErrorCodes.Timeout,
                CallFailure.Lost,
                exception
            ),
            OrleansException => Make(
                HttpStatusCode.ServiceUnavailable,
                OrleansMlErrorCodes.Unavailable,
                CallFailure.Lost,
                exception
            ),
            _ => Make(
                HttpStatusCode.InternalServerError,
                "internal",
                CallFailure.Refused,
                exception
            ),
        };

    private static OrleansMlException Make(
        HttpStatusCode status,
        string code,
        CallFailure failure,
        Exception exception
    ) => new(status, code, exception.Message, innerException: exception) { Failure = failure };
}
