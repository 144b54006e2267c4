using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>An answered call that is looked at later, on its own memory.</summary>
public sealed record WatchedCall
{
    /// <summary>The version that answered.</summary>
    public required ModelVersionId Version { get; init; }

    /// <summary>What the caller asked for: a number, an alias, or empty.</summary>
    public required string Reference { get; init; }

    /// <summary>When it was answered.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The request's id as the caller chose it, or one made here.</summary>
    public required string CallId { get; init; }

    /// <summary>Who asked.</summary>
    public string Caller { get; init; } = "";

    /// <summary>The inputs.</summary>
    public required IReadOnlyList<InferenceTensor> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<InferenceTensor> Outputs { get; init; }
}
