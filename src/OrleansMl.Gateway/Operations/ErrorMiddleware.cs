using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Gateway.Serving.Grpc;
using OrleansMl.Gateway.Serving.Limits;

namespace OrleansMl.Gateway.Operations;

/// <summary>Gives every error the one shape: what endpoints throw, and the empty answers of the framework (404, 405, 415).</summary>
internal sealed partial class ErrorMiddleware(
    RequestDelegate next,
    GatewayLoad load,
    AnonymousCallers strangers,
    IOptions<GatewayOptions> options,
    ILogger<ErrorMiddleware> logger
)
{
    private const int MaxText = 8192;
    private static readonly string[] KeptHeaders = ["RateLimit-Policy", "RateLimit"];

    public async Task InvokeAsync(HttpContext context)
    {
        // Below 0: there was no room.
        var held = -1L;
        try
        {
            held = load.Enter(context.Request);
            await next(context);
        }
        catch (Exception exception) when (IsCallerGone(context, exception))
        {
            // The caller is gone; nobody reads an answer. The server must not try to read the rest of the body: it would log that as our
            // failure.
            LogAborted(context.Request.Method, context.Request.Path);
            context.Abort();
            return;
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, strangers.Judge(context, exception));
            return;
        }
        finally
        {
            if (held >= 0)
                load.Exit(held);
        }
        // Of a file's answers, the refused range alone has a type and no body.
        if (
            context.Response
            is { HasStarted: false, StatusCode: >= 400, ContentType: null }
                or { HasStarted: false, StatusCode: StatusCodes.Status416RangeNotSatisfiable }
        )
            await WriteAsync(context, DescribeEmpty(context));
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        var answer = ErrorAnswer.Of(
            exception,
            options.Value.RetryAfterBusySeconds,
            options.Value.RetryAfterUnavailableSeconds
        );
        if (answer.IsInternal)
        {
            LogInternal(exception, context.Request.Method, context.Request.Path);
            answer = answer with { Body = answer.Body with { TraceId = TraceId(context) } };
        }
        else
        {
            LogRefused(
                exception,
                context.Request.Method,
                context.Request.Path,
                answer.Status,
                answer.Body.Code
            );
        }
        if (context.Response.HasStarted)
        {
            // A reader must not take half an answer for a whole one.
            context.Abort();
            return;
        }
        var headers = context.Response.Headers;
        var kept = KeptHeaders.Select(name => (name, value: headers[name])).ToArray();
        context.Response.Clear();
        foreach (var (name, value) in kept)
        {
            if (value.Count > 0)
                headers[name] = value;
        }
        await WriteAsync(context, answer);
    }

    // A connection that was reset says so to who reads its body, at times before the request counts as aborted.
    private static bool IsCallerGone(HttpContext context, Exception exception) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (
            exception is OperationCanceledException or IOException
            && context.RequestAborted.IsCancellationRequested
        );

    // Messages quote what came, which may be as long as a body.
    private static ApiError Shorten(ApiError error) =>
        error.Error.Length <= MaxText
            ? error
            : error with
            {
                Error = $"{error.Error.AsSpan(0, MaxText)}…",
            };

    internal static string TraceId(HttpContext context) =>
        Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private ErrorAnswer DescribeEmpty(HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        var (code, message) = status switch
        {
            404 => (
                ErrorCodes.RouteNotFound,
                $"There is no {request.Method} {request.Path}; /docs lists the routes."
            ),
            405 => (
                ErrorCodes.MethodNotAllowed,
                $"{request.Path} does not take {request.Method}, only {context.Response.Headers.Allow}."
            ),
            413 => (ErrorCodes.BodyTooLarge, "The body is larger than this route takes."),
            415 => (
                ErrorCodes.UnsupportedMediaType,
                $"The content type '{request.ContentType}' is not taken here."
            ),
            416 => (
                ErrorCodes.RangeNotSatisfiable,
                $"The range '{request.Headers.Range}' is outside the file."
            ),
            >= 500 => (ErrorCodes.Internal, "The gateway failed at this request."),
            _ => (ErrorCodes.InvalidRequest, $"The request was refused with status {status}."),
        };
        return new ErrorAnswer(
            status,
            new ApiError { Error = message, Code = code },
            status is 429 or 503 ? options.Value.RetryAfterUnavailableSeconds : null
        );
    }

    private static async Task WriteAsync(HttpContext context, ErrorAnswer answer)
    {
        var response = context.Response;
        if (GrpcErrors.IsCall(context.Request))
        {
            GrpcErrors.Answer(context, answer);
            return;
        }
        response.StatusCode = answer.Status;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IErrorPage>() is { } page)
        {
            await page.WriteAsync(context, answer);
            return;
        }
        if (answer.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        if (answer.Challenge is { } challenge)
            response.Headers.WWWAuthenticate = challenge;
        response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(Shorten(answer.Body), ContractsJson.Options);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Path}: the caller went away.")]
    private partial void LogAborted(string method, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private partial void LogInternal(Exception exception, string method, PathString path);

    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "{Method} {Path} was answered with {Status} {Code}."
    )]
    private partial void LogRefused(
        Exception exception,
        string method,
        PathString path,
        int status,
        string code
    );
}
