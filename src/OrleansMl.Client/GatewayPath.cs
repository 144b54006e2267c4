using System.Text;
using OrleansMl.Contracts;

namespace OrleansMl.Client;

/// <summary>Builds paths and queries, escaped.</summary>
internal sealed class GatewayPath(string root)
{
    private readonly StringBuilder _text = new(root);
    private bool _hasQuery;

    /// <summary>Appends segments.</summary>
    public GatewayPath Add(params ReadOnlySpan<string> segments)
    {
        foreach (var segment in segments)
        {
            // An empty or dotted segment would silently name another route.
            if (segment is "" or "." or "..")
                throw new InvalidInputException($"'{segment}' is not a name.");
            _text.Append('/').Append(Uri.EscapeDataString(segment));
        }
        return this;
    }

    /// <summary>Appends a query parameter, unless its value is null.</summary>
    public GatewayPath With(string name, object? value)
    {
        if (value is null)
            return this;
        _text
            .Append(_hasQuery ? '&' : '?')
            .Append(name)
            .Append('=')
            .Append(Uri.EscapeDataString(value.ToString()!));
        _hasQuery = true;
        return this;
    }

    public override string ToString() => _text.ToString();

    public GatewayCall Call(HttpMethod method) => new(method, ToString());

    public GatewayCall Get() => Call(HttpMethod.Get);
}
