using OrleansMl.Contracts;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>The model of a step: <c>name</c>, or <c>name@reference</c> with a version's number, an alias or <c>latest</c>.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Reference">Empty: as a call without a reference, by the model's traffic or alias.</param>
public readonly record struct ModelStepReference(string Model, string Reference)
{
    /// <summary>Reads the text; null when it is neither form.</summary>
    public static ModelStepReference? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        var reference = at < 0 ? "" : text[(at + 1)..];
        return ResourceName.IsValid(name) && (at < 0 || ResourceName.IsValid(reference))
            ? new(name, reference)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Reference.Length == 0 ? Model : $"{Model}@{Reference}";
}
