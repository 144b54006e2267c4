namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>A value that a step gives, <c>step.output</c>, or that the caller gives, <c>inputs.name</c>.</summary>
internal readonly record struct ValueReference(string Step, string Tensor)
{
    /// <summary>What stands for the caller in place of a step's name.</summary>
    public const string Caller = "inputs";

    public bool IsInput => Step == Caller;

    /// <summary>Steps' names have no dots, so the first one parts the two, whatever the tensor's name holds.</summary>
    public static ValueReference? Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < text.Length - 1 ? new(text[..dot], text[(dot + 1)..]) : null;
    }

    public override string ToString() => $"{Step}.{Tensor}";
}
