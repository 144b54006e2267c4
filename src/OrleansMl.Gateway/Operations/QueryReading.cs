using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Operations;

/// <summary>Reads names and query parameters, with errors that name them.</summary>
internal static class QueryReading
{
    public const int MaxPage = 500;
    private const int DefaultPage = 100;
    private const int MaxText = 500;

    /// <summary>A valid resource name, or an error that gives the rule.</summary>
    public static string Name(string text, string what)
    {
        try
        {
            return ResourceName.Check(text, what);
        }
        catch (FormatException e)
        {
            throw RequestException.Invalid(e.Message);
        }
    }

    public static (int Offset, int Limit) Page(HttpRequest request) =>
        (
            Integer(request, "offset", 0, 0, int.MaxValue - MaxPage),
            Integer(request, "limit", DefaultPage, 1, MaxPage)
        );

    public static int Integer(
        HttpRequest request,
        string key,
        int defaultValue,
        int minimum,
        int maximum
    ) => OptionalInteger(request, key, minimum, maximum) ?? defaultValue;

    public static int? OptionalInteger(HttpRequest request, string key, int minimum, int maximum)
    {
        if (!request.Query.TryGetValue(key, out var values))
            return null;
        return
            int.TryParse(values.ToString(), out var value) && value >= minimum && value <= maximum
            ? value
            : throw RequestException.Invalid(
                $"{key}: expected a whole number from {minimum} to {maximum}, got '{values}'."
            );
    }

    /// <summary>A text of at most 500 characters, or null.</summary>
    public static string? Text(HttpRequest request, string key)
    {
        var value = request.Query[key].ToString();
        if (value.Length > MaxText)
            throw RequestException.Invalid(
                $"{key}: expected at most {MaxText} characters, got {value.Length}."
            );
        return value.Length == 0 ? null : value;
    }
}
