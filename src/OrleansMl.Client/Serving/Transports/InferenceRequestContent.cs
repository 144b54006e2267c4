using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>A request: JSON in rented memory, and, unless the tensors are in it, behind it the tensors' own memory, copied nowhere.</summary>
internal sealed class InferenceRequestContent : HttpContent
{
    /// <summary>The header that says where the JSON ends and the tensors begin.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue OctetStream = new("application/octet-stream");
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    // Writing is of one piece on one thread, and a writer keeps nothing of what it wrote before.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private readonly PooledBuffer _head = new(1024);
    private readonly InferenceRequest _request;
    private readonly bool _isBinary;
    private readonly long _length;

    public InferenceRequestContent(
        InferenceRequest request,
        long timeoutMicroseconds,
        TensorFormat format
    )
    {
        (_request, _isBinary) = (request, format == TensorFormat.Binary);
        var writer = _writer ??= new Utf8JsonWriter(_head, Options);
        writer.Reset(_head);
        Write(writer, request, timeoutMicroseconds, _isBinary);
        writer.Flush();
        _length = _head.Written.Length;
        if (_isBinary)
        {
            foreach (var input in request.Inputs)
                _length += input.Data.Length;
        }
        Headers.ContentType = _isBinary ? OctetStream : Json;
    }

    /// <summary>The length of the JSON, where tensors follow it.</summary>
    public int? HeadLength => _isBinary ? _head.Written.Length : null;

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        await stream.WriteAsync(_head.Written, cancellationToken);
        if (!_isBinary)
            return;
        foreach (var input in _request.Inputs)
            await stream.WriteAsync(input.Data, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _head.Dispose();
        base.Dispose(disposing);
    }

    private static void Write(
        Utf8JsonWriter writer,
        InferenceRequest request,
        long timeout,
        bool isBinary
    )
    {
        writer.WriteStartObject();
        if (request.Id is not null)
            writer.WriteString("id"u8, request.Id);
        WriteParameters(writer, request.Parameters, timeout, isBinary);
        writer.WriteStartArray("inputs"u8);
        foreach (var input in request.Inputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, input.Name);
            writer.WriteString("datatype"u8, input.Datatype);
            writer.WriteStartArray("shape"u8);
            for (var i = 0; i < input.Shape.Count; i++)
                writer.WriteNumberValue(input.Shape[i]);
            writer.WriteEndArray();
            if (isBinary)
            {
                writer.WriteStartObject("parameters"u8);
                writer.WriteNumber("binary_data_size"u8, input.Data.Length);
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteStartArray("data"u8);
                TensorJson.Write(writer, input);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (request.Outputs.Count > 0)
        {
            writer.WriteStartArray("outputs"u8);
            foreach (var name in request.Outputs)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, name);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteParameters(
        Utf8JsonWriter writer,
        InferenceParameters parameters,
        long timeout,
        bool isBinary
    )
    {
        writer.WriteStartObject("parameters"u8);
        writer.WriteBoolean("binary_data_output"u8, isBinary);
        if (timeout > 0)
            writer.WriteNumber("timeout"u8, timeout);
        if (parameters.Priority != 0)
            writer.WriteNumber("priority"u8, parameters.Priority);
        if (parameters.SequenceId is not null)
        {
            writer.WriteString("sequence_id"u8, parameters.SequenceId);
            writer.WriteBoolean("sequence_start"u8, parameters.SequenceStart);
            writer.WriteBoolean("sequence_end"u8, parameters.SequenceEnd);
        }
        if (parameters.Explain is not null)
        {
            writer.WritePropertyName("explain"u8);
            JsonSerializer.Serialize(writer, parameters.Explain, ContractsJson.Options);
        }
        writer.WriteEndObject();
    }
}
