namespace OrleansMl.Client.Serving;

/// <summary>What is asked of one call beside its tensors.</summary>
public sealed record InferenceCallOptions
{
    /// <summary>Nothing.</summary>
    public static InferenceCallOptions Default { get; } = new();

    /// <summary>A version's number, an alias or <c>latest</c>. Default: none, the model's traffic decides, else the alias <c>champion</c>, else the newest.</summary>
    public string? Reference { get; init; }

    /// <summary>Keeps a caller on one version of a split: for example a user's id, at most 200 characters. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>The most time for the call, all its tries included. Default: the client's. What is left of it goes along with each try.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether a second try may be sent beside a slow one, where the client hedges. Default: yes; requests of a sequence never are.</summary>
    public bool Hedge { get; init; } = true;
}
