using OrleansMl.Contracts;

namespace OrleansMl.Cli.Models;

/// <summary>A model on the command line: <c>name</c> or <c>name@reference</c>, the reference a number, an alias or <c>latest</c>.</summary>
internal sealed record ModelReference(string Name, string? Reference)
{
    /// <exception cref="InvalidInputException">The text is neither.</exception>
    public static ModelReference Parse(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        var reference = at < 0 ? null : text[(at + 1)..];
        return ResourceName.IsValid(name) && (reference is null || ResourceName.IsValid(reference))
            ? new ModelReference(name, reference)
            : throw new InvalidInputException(
                $"'{text}' is not a model: expected a name, name@version or name@alias, for example fashion, fashion@3 or fashion@champion."
            );
    }
}
