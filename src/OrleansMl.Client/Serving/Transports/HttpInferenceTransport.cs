using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>The Open Inference Protocol over HTTP, tensors in binary both ways, in rented memory.</summary>
internal sealed class HttpInferenceTransport : IInferenceTransport
{
    private const string KeyHeader = "X-Request-Key";
    private const int FirstRead = 64 * 1024;

    private readonly HttpMessageInvoker _http;
    private readonly OrleansMlClientOptions _options;
    private readonly AuthenticationHeaderValue? _authorization;

    public HttpInferenceTransport(OrleansMlClientOptions options)
    {
        _options = options;
        _http = new HttpMessageInvoker(
            options.MessageHandler
                // Tensors hardly compress; a gateway is not asked to.
                ?? options.NewHandler(DecompressionMethods.None),
            disposeHandler: options.MessageHandler is null
        );
        if (!string.IsNullOrEmpty(options.ApiKey))
            _authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    public string Name => "http";

    /// <summary>What sends.</summary>
    public HttpMessageInvoker Http => _http;

    public async Task<InferenceResponse> InferAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        var path = Path(call).Add("infer");
        using var content = new InferenceRequestContent(
            call.Request!,
            call.AttemptMicroseconds,
            _options.TensorFormat
        );
        using var request = Request(HttpMethod.Post, endpoint, path);
        request.Content = content;
        if (content.HeadLength is { } length)
            request.Headers.TryAddWithoutValidation(
                InferenceRequestContent.HeaderLength,
                length.ToString(CultureInfo.InvariantCulture)
            );
        if (call.Options.Key is { } key)
            request.Headers.TryAddWithoutValidation(KeyHeader, key);
        return await SendAsync(request, path, ReadAnswerAsync, cancellationToken);
    }

    public async Task<ModelDescription> DescribeAsync(
        Uri endpoint,
        InferenceCall call,
        CancellationToken cancellationToken
    )
    {
        var path = Path(call);
        using var request = Request(HttpMethod.Get, endpoint, path);
        return await SendAsync(request, path, ReadDescriptionAsync, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static GatewayPath Path(InferenceCall call)
    {
        var path = new GatewayPath("v2/models").Add(call.Model);
        return call.Options.Reference is { } reference ? path.Add("versions", reference) : path;
    }

    private HttpRequestMessage Request(HttpMethod method, Uri endpoint, GatewayPath path)
    {
        var request = new HttpRequestMessage(method, new Uri(endpoint, path.ToString()));
        request.Headers.Authorization = _authorization;
        return request;
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request,
        GatewayPath path,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw await GatewayFailure.ReadAsync(
                    path.Call(request.Method),
                    response,
                    _options.TimeProvider,
                    cancellationToken
                );
            return await read(response, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Unanswered(e, GatewayFailure.FailureOf(e));
        }
        catch (EndOfStreamException e)
        {
            throw Unexpected(e);
        }
        catch (IOException e)
        {
            // The connection broke within the answer.
            throw Unanswered(e, CallFailure.Lost);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Unexpected(e);
        }

        OrleansMlException Unexpected(Exception e) =>
            new(
                HttpStatusCode.OK,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{path.Call(request.Method)}: {e.Message}",
                innerException: e
            );

        static OrleansMlException Unanswered(Exception e, CallFailure failure) =>
            new(
                null,
                OrleansMlErrorCodes.Unavailable,
                e.InnerException?.Message ?? e.Message,
                innerException: e
            )
            {
                Failure = failure,
            };
    }

    private async Task<InferenceResponse> ReadAnswerAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var memory = new TensorMemory();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (HeadLength(response) is not { } head)
        {
            // An answer that is JSON alone.
            var all = await ReadAsync(body, response.Content.Headers, memory, cancellationToken);
            var answer = InferenceResponseJson.Read(all);
            memory.Release();
            return answer;
        }
        if (head > _options.MaxResponseBytes)
            throw TooLarge();
        if (head > response.Content.Headers.ContentLength)
            throw new FormatException(
                $"{InferenceRequestContent.HeaderLength} is {head}, expected 0 to {response.Content.Headers.ContentLength}, the body's bytes."
            );
        var json = ArrayPool<byte>.Shared.Rent(head);
        try
        {
            var got = await body.ReadAtLeastAsync(
                json.AsMemory(0, head),
                head,
                throwOnEndOfStream: false,
                cancellationToken
            );
            if (got < head)
                throw new FormatException(
                    $"{InferenceRequestContent.HeaderLength} is {head}, expected 0 to {got}, the body's bytes."
                );
            // On their own, the first tensor's elements stand at a multiple of their size.
            var tensors = await ReadAsync(
                body,
                response.Content.Headers,
                memory,
                cancellationToken,
                head
            );
            return BinaryResponse.Read(json.AsSpan(0, head), tensors, memory);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(json);
        }
    }

    private static int? HeadLength(HttpResponseMessage response) =>
        response.Headers.TryGetValues(InferenceRequestContent.HeaderLength, out var values)
        || response.Content.Headers.TryGetValues(InferenceRequestContent.HeaderLength, out values)
            ? int.TryParse(
                values.First(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var length
            )
                ? length
                : throw new FormatException(
                    $"{InferenceRequestContent.HeaderLength}: expected a length, got '{values.First()}'."
                )
            : null;

    // All that is left, in rented memory: at once where its length is known.
    private async Task<ReadOnlyMemory<byte>> ReadAsync(
        Stream body,
        HttpContentHeaders headers,
        TensorMemory memory,
        CancellationToken cancellationToken,
        int before = 0
    )
    {
        var known = headers.ContentEncoding.Count == 0 ? headers.ContentLength - before : null;
        if (known > _options.MaxResponseBytes)
            throw TooLarge();
        var buffer = memory.Rent((int)Math.Max(1, known ?? FirstRead));
        var length = 0;
        while (known is null || length < known)
        {
            if (length == buffer.Length)
            {
                if (length >= _options.MaxResponseBytes)
                    throw TooLarge();
                buffer = memory.Grow(buffer, length, length + FirstRead);
            }
            var most = (int)Math.Min(buffer.Length, known ?? buffer.Length) - length;
            var read = await body.ReadAsync(buffer.AsMemory(length, most), cancellationToken);
            if (read == 0 && known is not null)
                throw new EndOfStreamException($"the answer ended after {length} of {known} bytes");
            if (read == 0)
                break;
            length += read;
        }
        return length <= _options.MaxResponseBytes ? buffer.AsMemory(0, length) : throw TooLarge();
    }

    private OrleansMlException TooLarge() =>
        new(
            HttpStatusCode.OK,
            OrleansMlErrorCodes.UnexpectedAnswer,
            $"the answer is larger than {nameof(OrleansMlClientOptions.MaxResponseBytes)}, {_options.MaxResponseBytes} bytes."
        );

    private static async Task<ModelDescription> ReadDescriptionAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        using var document = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            cancellationToken: cancellationToken
        );
        var root = document.RootElement;
        try
        {
            return new ModelDescription
            {
                Model = root.GetProperty("name").GetString()!,
                Version = int.Parse(
                    root.GetProperty("versions")[0].GetString()!,
                    CultureInfo.InvariantCulture
                ),
                Inputs = Tensors(root.GetProperty("inputs")),
                Outputs = Tensors(root.GetProperty("outputs")),
            };
        }
        catch (Exception e)
            when (e
                    is KeyNotFoundException
                        or InvalidOperationException
                        or IndexOutOfRangeException
                        or ArgumentNullException
            )
        {
            throw new FormatException($"not a model's metadata: {e.Message}", e);
        }

        static TensorSignature[] Tensors(JsonElement tensors) =>
            [
                .. tensors
                    .EnumerateArray()
                    .Select(tensor => new TensorSignature
                    {
                        Name = tensor.GetProperty("name").GetString()!,
                        Datatype = tensor.GetProperty("datatype").GetString()!,
                        Shape =
                        [
                            .. tensor
                                .GetProperty("shape")
                                .EnumerateArray()
                                .Select(d => d.GetInt64()),
                        ],
                    }),
            ];
    }
}
