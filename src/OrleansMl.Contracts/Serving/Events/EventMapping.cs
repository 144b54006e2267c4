namespace OrleansMl.Contracts.Serving.Events;

/// <summary>How an event's JSON becomes a model's input.</summary>
public sealed record EventMapping
{
    /// <summary>What the payload holds. Default <see cref="EventInputFormat.Instance"/>.</summary>
    public EventInputFormat Format { get; init; } = EventInputFormat.Instance;

    /// <summary>Names of members, with dots, that lead to it, for example <c>payload.features</c>; empty: it is the payload itself.</summary>
    public string Path { get; init; } = "";

    /// <summary>With <see cref="EventInputFormat.Instance"/>: the model's input to the path, below <see cref="Path"/>, of its value; empty: members are named as the inputs are.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } =
        new Dictionary<string, string>();
}
