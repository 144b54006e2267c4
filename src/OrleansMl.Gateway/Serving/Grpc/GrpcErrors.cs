using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Errors as gRPC has them: the status that belongs to HTTP's, the same text, and the code and the wait for a retry as trailers.</summary>
internal sealed partial class GrpcErrors(
    TimeProvider time,
    IOptions<GatewayOptions> options,
    ILogger<GrpcErrors> logger
)
{
    /// <summary>The trailer with the code of docs/http-api.md.</summary>
    public const string CodeTrailer = "error-code";

    /// <summary>The trailer with the seconds after which a retry may succeed.</summary>
    public const string RetryTrailer = "retry-after";

    /// <summary>The same in milliseconds, which gRPC clients with a retry policy obey.</summary>
    public const string PushbackTrailer = "grpc-retry-pushback-ms";

    // The trailer is a 32-bit number.
    private const long MaxPushback = int.MaxValue;

    // COR_E_IO: no error of the operating system.
    private const int UnspecifiedIo = unchecked((int)0x80131620);

    private const string ContentType = "application/grpc";

    // Statuses travel as headers, which clients take only so long.
    private const int MaxDetail = 2048;

    /// <summary>What a failed call is answered with. A defect of ours is logged in full.</summary>
    public RpcException Describe(Exception error, ServerCallContext call)
    {
        var context = call.GetHttpContext();
        if (error is RpcException { StatusCode: not StatusCode.Internal } known)
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
        var answer = ErrorAnswer.Of(
            OfReading(error) ?? error,
            options.Value.RetryAfterBusySeconds,
            options.Value.RetryAfterUnavailableSeconds
        );
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
        {
            trailers.Add(RetryTrailer, seconds.ToString());
            trailers.Add(PushbackTrailer, Pushback(seconds));
        }
        return new RpcException(new Status(StatusOf(answer), Shorten(answer.Body.Error)), trailers);
    }

    /// <summary>
    /// Puts right what the framework makes of a message that it can't read, before any interceptor sees it: it blames the server, with
    /// INTERNAL or UNKNOWN. Called when the call has ended.
    /// </summary>
    public void MendUnread(HttpContext context)
    {
        if (
            context.Response.HasStarted
            || context.Response.Headers.ContainsKey(CodeTrailer)
            || context.Features.Get<IServerCallContextFeature>()?.ServerCallContext is not { } call
            || call.Status.StatusCode is not (StatusCode.Internal or StatusCode.Unknown)
        )
            return;
        var error =
            call.Status.StatusCode == StatusCode.Internal
                ? new RpcException(call.Status)
                : call.Status.DebugException ?? new RpcException(call.Status);
        if (OfReading(error) is { } unread)
            Answer(context, ErrorAnswer.Of(unread));
        else
            LogInternal(error, call.Method);
    }

    // What reading a message throws; null for anything else. Of our own no call throws these.
    private static RequestException? OfReading(Exception error) =>
        error switch
        {
            RpcException { StatusCode: StatusCode.Internal } framing => RequestException.Invalid(
                $"The message can't be read: {framing.Status.Detail}"
            ),
            InvalidProtocolBufferException => RequestException.Invalid(
                $"The message is no valid protobuf: {error.Message}"
            ),
            InvalidDataException => RequestException.Invalid(
                $"The message can't be read: {error.Message}"
            ),
            IOException { InnerException: null, HResult: UnspecifiedIo }
                when error.Message.StartsWith("Message too large", StringComparison.Ordinal) =>
                RequestException.TooLarge(
                    "The message",
                    int.MaxValue,
                    nameof(GatewayOptions.MaxInferenceBytes)
                ),
            _ => null,
        };

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
        if (answer.Challenge is { } challenge)
            headers.WWWAuthenticate = challenge;
        if (answer.RetryAfterSeconds is { } seconds)
        {
            headers[RetryTrailer] = seconds.ToString();
            headers[PushbackTrailer] = Pushback(seconds);
        }
    }

    private static string Pushback(int seconds) =>
        Math.Min(MaxPushback, seconds * 1000L).ToString();

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
