using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Reads a multipart body part by part into files of the spool.</summary>
internal static class MultipartUpload
{
    private const string OptionsField = "options";
    private const int MaxBoundary = 200;

    // Part headers, boundaries and the options beside the files.
    private const long Overhead = 8L << 20;

    public static async Task<DatasetUpload> ReadAsync(
        HttpContext context,
        Spool spool,
        SpoolFolder folder,
        GatewayOptions limits
    )
    {
        try
        {
            return await ReadPartsAsync(context, spool, folder, limits);
        }
        catch (Exception e) when (e is InvalidDataException || IsCut(e))
        {
            throw RequestException.Invalid($"The multipart body is malformed: {e.Message}");
        }
    }

    private static async Task<DatasetUpload> ReadPartsAsync(
        HttpContext context,
        Spool spool,
        SpoolFolder folder,
        GatewayOptions limits
    )
    {
        var request = context.Request;
        if (request.ContentLength > limits.MaxUploadBytes + Overhead)
            throw TooLarge(limits);
        RequestBodies.LiftServerLimit(context);
        spool.RequireSpace(request.ContentLength ?? 0);
        var reader = new MultipartReader(Boundary(request), request.Body);
        var files = new List<DatasetSourceFile>();
        DatasetImportOptions? options = null;
        long total = 0;
        while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            if (disposition is not null && disposition.IsFileDisposition())
            {
                if (files.Count == limits.MaxUploadFiles)
                    throw RequestException.Invalid(
                        $"The upload has more files than the {limits.MaxUploadFiles} that {GatewayOptions.Section}:{nameof(limits.MaxUploadFiles)} allows."
                    );
                var path = folder.NextFile();
                total += await SpooledCopy.ToFileAsync(
                    section.Body,
                    path,
                    spool,
                    limits.MaxUploadBytes - total,
                    () => TooLarge(limits),
                    context.RequestAborted
                );
                files.Add(new DatasetSourceFile(FileName(disposition), path));
            }
            else if (disposition?.Name.Value is { } name && Unquote(name) == OptionsField)
            {
                if (options is not null)
                    throw RequestException.Invalid($"The field '{OptionsField}' was given twice.");
                options = await ReadOptionsAsync(section, limits, context.RequestAborted);
            }
            else
            {
                throw RequestException.Invalid(
                    $"The part '{disposition?.Name}' has no filename: expected files and the field '{OptionsField}'."
                );
            }
        }
        if (files.Count == 0)
            throw RequestException.Invalid(
                "The upload has no files: send each as a part with a filename."
            );
        return new DatasetUpload(files, options ?? new DatasetImportOptions());
    }

    private static string Boundary(HttpRequest request)
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        )
            throw RequestException.UnsupportedMediaType(request.ContentType, "multipart/form-data");
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= MaxBoundary }
            ? boundary
            : throw RequestException.Invalid(
                $"The content type's boundary: expected 1 to {MaxBoundary} characters, got {boundary?.Length ?? 0}."
            );
    }

    // The reader's own word for a body that ends inside a part.
    private static bool IsCut(Exception exception) =>
        exception is IOException and not BadHttpRequestException
        && exception.Message.StartsWith(
            "Unexpected end of Stream",
            StringComparison.OrdinalIgnoreCase
        );

    private static async Task<DatasetImportOptions> ReadOptionsAsync(
        MultipartSection section,
        GatewayOptions limits,
        CancellationToken cancellationToken
    )
    {
        using var buffer = new MemoryStream();
        var piece = new byte[4096];
        int read;
        while ((read = await section.Body.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limits.MaxBodyBytes)
                throw RequestException.TooLarge(
                    $"The field '{OptionsField}'",
                    limits.MaxBodyBytes,
                    nameof(limits.MaxBodyBytes)
                );
            await buffer.WriteAsync(piece.AsMemory(0, read), cancellationToken);
        }
        try
        {
            return JsonSerializer.Deserialize<DatasetImportOptions>(
                    buffer.GetBuffer().AsSpan(0, (int)buffer.Length),
                    ContractsJson.Options
                ) ?? new DatasetImportOptions();
        }
        catch (JsonException e)
        {
            throw RequestException.Invalid(
                $"The field '{OptionsField}' is wrong at {e.Path ?? "its beginning"}: {e.Message}"
            );
        }
    }

    // A name for messages and to tell formats by; whatever folders it had are dropped.
    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        var name = Unquote(
            disposition.FileNameStar.HasValue
                ? disposition.FileNameStar.Value!
                : disposition.FileName.Value!
        );
        var last = name.AsSpan(name.AsSpan().LastIndexOfAny('/', '\\') + 1);
        return last.Length is > 0 and <= 255
            ? last.ToString()
            : throw RequestException.Invalid(
                $"A filename has 1 to 255 characters, got {last.Length}."
            );
    }

    private static string Unquote(string text) => HeaderUtilities.RemoveQuotes(text).Value ?? "";

    private static RequestException TooLarge(GatewayOptions limits) =>
        RequestException.TooLarge(
            "The upload",
            limits.MaxUploadBytes,
            nameof(limits.MaxUploadBytes)
        );
}
