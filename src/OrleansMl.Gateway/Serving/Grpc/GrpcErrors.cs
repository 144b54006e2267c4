using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Errors as gRPC has them: the status that belongs to HTTP's, the same text, and the code and the wait for a retry as trailers.</summary>
internal sealed partial class GrpcErrors(TimeProvider time, ILogger<GrpcErrors> logger)
{
    /// <summary>The trailer with the code of docs/http-api.md.</summary>
    public const string CodeTrailer = "error-code";

    private const string RetryTrailer = "retry-after";
    private const string ContentType = "application/grpc";

    // Statuses travel as headers, which clients take only so long.
    private const int MaxDetail = 2048;

    /// <summary>What a failed call is answered with. A defect of ours is logged in full.</summary>
    public RpcException Describe(Exception error, ServerCallContext call)
    {
        var context = call.GetHttpContext();
        if (error is RpcException known)
            return known;
        if (call.CancellationToken.IsCancellationRequested)
            return new RpcException(
                call.Deadline <= time.GetUtcNow().UtcDateTime
                    ? new Status(
                        StatusCode.DeadlineExceeded,
                        "The call's deadline passed before the answer."
                    )
                    : new Status(StatusCode.Cancelled, "The caller gave the call up.")
            );
        var answer = ErrorAnswer.Of(error);
        if (answer.IsInternal)
        {
            LogInternal(error, call.Method);
            var trace = ErrorMiddleware.TraceId(context);
            answer = answer with
            {
                Body = answer.Body with
                {
                    Error = $"{answer.Body.Error} Trace id: {trace}",
                    TraceId = trace,
                },
            };
        }
        AuditTrail.Fail(context, answer);
        var trailers = new Metadata { { CodeTrailer, answer.Body.Code } };
        if (answer.RetryAfterSeconds is { } seconds)
            trailers.Add(RetryTrailer, seconds.ToString());
        return new RpcException(
            new Status(StatusOf(answer), Shorten(answer.Body.Error)),
            trailers
        );
    }

    /// <summary>Whether the request is a gRPC call, which takes its errors in trailers.</summary>
    public static bool IsCall(HttpRequest request) =>
        request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Answers a call that no service took: refused before it, or unknown.</summary>
    public static void Answer(HttpContext context, ErrorAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        var headers = response.Headers;
        var isUnknown = answer.Body.Code == ErrorCodes.RouteNotFound;
        headers["grpc-status"] = (
            (int)(isUnknown ? StatusCode.Unimplemented : StatusOf(answer))
        ).ToString();
        headers["grpc-message"] = Uri.EscapeDataString(
            Shorten(
                isUnknown
                    ? $"The call {context.Request.Path} is not offered: there is no shared memory, no trace and no log setting over the network; docs/grpc.md lists the calls."
                    : answer.Body.Error
            )
        );
        headers[CodeTrailer] = answer.Body.Code;
        if (answer.RetryAfterSeconds is { } seconds)
            headers[RetryTrailer] = seconds.ToString();
    }

    private static StatusCode StatusOf(ErrorAnswer answer) =>
        answer.Body.Code == ErrorCodes.Timeout
            ? StatusCode.DeadlineExceeded
            : answer.Status switch
            {
                400 or 405 or 415 or 416 => StatusCode.InvalidArgument,
                401 => StatusCode.Unauthenticated,
                403 => StatusCode.PermissionDenied,
                404 => StatusCode.NotFound,
                409 => StatusCode.Aborted,
                413 or 429 or 507 => StatusCode.ResourceExhausted,
                501 => StatusCode.Unimplemented,
                503 => StatusCode.Unavailable,
                504 => StatusCode.DeadlineExceeded,
                _ => StatusCode.Internal,
            };

    private static string Shorten(string text) =>
        text.Length <= MaxDetail ? text : $"{text.AsSpan(0, MaxDetail)}…";

    [LoggerMessage(Level = LogLevel.Error, Message = "gRPC {Method} failed.")]
    private partial void LogInternal(Exception exception, string method);
}
