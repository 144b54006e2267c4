using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Whether an answer is one that the protocol allows.</summary>
internal static class FuzzAnswer
{
    private const string HeaderLength = "Inference-Header-Content-Length";
    private const int Frame = 5;

    // OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED.
    private static readonly int[] GrpcStatuses = [0, 3, 5, 8, 12];

    // CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE: of calls that ask for an answer in a time.
    private static readonly int[] LateStatuses = [1, 4, 14];

    /// <summary>What is wrong with it; null: nothing.</summary>
    public static string? Problem(FuzzCase request, InnerRequest answer)
    {
        if (answer.IsAborted)
            return "the connection was cut in place of an answer";
        try
        {
            return request.IsGrpc && answer.StatusCode == 200
                ? GrpcProblem(request, answer)
                : HttpProblem(request, answer);
        }
        catch (JsonException error)
        {
            return $"the answer is no JSON: {error.Message}";
        }
    }

    /// <summary>Whether it was taken, not refused.</summary>
    public static bool IsTaken(InnerRequest answer) =>
        answer.StatusCode == 200 && GrpcStatus(answer) is null or "0";

    /// <summary>Whether its time was up before the model was.</summary>
    public static bool IsLate(InnerRequest answer) =>
        answer.StatusCode == 503 || LateStatuses.Any(status => GrpcStatus(answer) == $"{status}");

    private static bool HasTimeout(FuzzCase request) =>
        request.Body.AsSpan().IndexOf("timeout"u8) >= 0
        || request.Headers.Any(header => header.Key == "grpc-timeout");

    private static string? HttpProblem(FuzzCase request, InnerRequest answer)
    {
        var isLate = answer.StatusCode == 503 && HasTimeout(request);
        if (answer.StatusCode is not (200 or (>= 400 and < 500)) && !isLate)
            return $"status {answer.StatusCode}: {Text(answer)}";
        if (request.IsGrpc)
            return null;
        if (answer.StatusCode == 200)
            return AnswerProblem(answer);
        using var json = JsonDocument.Parse(answer.Answer);
        return
            json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("error", out var error)
            && error.ValueKind == JsonValueKind.String
            && error.GetString() is { Length: > 0 }
            && json.RootElement.TryGetProperty("code", out var code)
            && code.GetString() is { Length: > 0 }
            && !json.RootElement.TryGetProperty("traceId", out _)
            ? null
            : $"status {answer.StatusCode} without the protocol's error: {Text(answer)}";
    }

    private static string? AnswerProblem(InnerRequest answer)
    {
        // What is compressed another test uncompresses.
        if (answer.AnswerHeaders.ContentEncoding.Count > 0)
            return null;
        var bytes = answer.Answer;
        var head = answer.AnswerHeaders.TryGetValue(HeaderLength, out var length)
            ? int.Parse(length.ToString(), CultureInfo.InvariantCulture)
            : bytes.Length;
        if (answer.AnswerHeaders.ContentLength is { } said && said != bytes.Length)
            return $"Content-Length {said} of {bytes.Length} bytes";
        using var json = JsonDocument.Parse(bytes[..head]);
        if (!json.RootElement.TryGetProperty("outputs", out var outputs))
            return json.RootElement.TryGetProperty("predictions", out _)
                ? null
                : $"an answer without outputs: {Text(answer)}";
        var binary = 0L;
        foreach (var output in outputs.EnumerateArray())
        {
            if (output.TryGetProperty("parameters", out var parameters))
                binary += parameters.GetProperty("binary_data_size").GetInt64();
            else if (output.GetProperty("data").ValueKind != JsonValueKind.Array)
                return $"an output without data: {Text(answer)}";
        }
        return binary == bytes.Length - head
            ? null
            : $"outputs of {binary} bytes, and {bytes.Length - head} behind the JSON";
    }

    private static string? GrpcProblem(FuzzCase request, InnerRequest answer)
    {
        if (
            !int.TryParse(GrpcStatus(answer), CultureInfo.InvariantCulture, out var status)
            || !(
                GrpcStatuses.Contains(status)
                || (LateStatuses.Contains(status) && HasTimeout(request))
            )
        )
            return $"grpc-status {GrpcStatus(answer) ?? "is missing"}: {answer.AnswerHeaders["grpc-message"]}{answer.Trailers["grpc-message"]}";
        var rest = answer.Answer.Span;
        while (rest.Length > 0)
        {
            if (rest.Length < Frame)
                return "half a frame";
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
            if (length > rest.Length - Frame)
                return $"a frame of {length} bytes, of which {rest.Length - Frame} came";
            rest = rest[(Frame + (int)length)..];
        }
        return null;
    }

    private static string? GrpcStatus(InnerRequest answer) =>
        answer.Trailers.TryGetValue("grpc-status", out var trailer) ? trailer.ToString()
        : answer.AnswerHeaders.TryGetValue("grpc-status", out var header) ? header.ToString()
        : null;

    private static string Text(InnerRequest answer) =>
        Encoding.UTF8.GetString(answer.Answer.Span[..Math.Min(300, answer.Answer.Length)]);
}
