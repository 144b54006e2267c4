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

    /// <summary>The prediction's id, unique.</summary>
    public required string PredictionId { get; init; }

    /// <summary>The caller's id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>Who asked.</summary>
    public string Caller { get; init; } = "";

    /// <summary>The inputs.</summary>
    public required IReadOnlyList<InferenceTensor> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<InferenceTensor> Outputs { get; init; }
}
