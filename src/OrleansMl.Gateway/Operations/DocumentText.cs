using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Operations;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Gateway.Operations;

/// <summary>Bodies that are a definition, YAML or JSON.</summary>
internal static class DocumentText
{
    /// <summary>Media types, beside JSON, for a route's description.</summary>
    public static readonly string[] Types = ["application/yaml", "text/yaml", "text/plain"];

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The body as text.</summary>
    /// <param name="context">The request.</param>
    /// <param name="options">Its limit.</param>
    /// <param name="what">What it is, for errors: <c>job</c>.</param>
    public static async Task<string> ReadAsync(
        HttpContext context,
        GatewayOptions options,
        string what
    )
    {
        using var body = await RequestBodies.ReadAsync(
            context,
            options.MaxBodyBytes,
            nameof(GatewayOptions.MaxBodyBytes)
        );
        try
        {
            return Strict.GetString(body.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw RequestException.Invalid($"The {what} is not UTF-8: byte {e.Index} is invalid.");
        }
    }

    /// <summary>400 with every error and its place.</summary>
    public static RequestException Invalid(string what, IReadOnlyList<ConfigurationError> errors) =>
        RequestException.InvalidConfig(
            $"The {what} has {(errors.Count == 1 ? "an error" : $"{errors.Count} errors; the first")}: {errors[0]}",
            [
                .. errors.Select(error => new ApiErrorDetail
                {
                    Line = error.Line,
                    Column = error.Column,
                    Message =
                        error.Path.Length == 0 ? error.Message : $"{error.Path}: {error.Message}",
                }),
            ]
        );
}
