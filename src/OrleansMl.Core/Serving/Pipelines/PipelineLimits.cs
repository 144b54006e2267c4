using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>How large a pipeline may be; what is larger is refused when it is saved.</summary>
public static class PipelineLimits
{
    /// <summary>Bytes of a document. It rides in the version's record.</summary>
    public const int MaxDocumentBytes = 64 << 10;

    /// <summary>Steps, the stages of cascades counted each.</summary>
    public const int MaxSteps = 64;

    /// <summary>Steps of the longest chain in which each needs the one before.</summary>
    public const int MaxDepth = 32;

    /// <summary>Members of an ensemble, stages of a cascade, alternatives of a merge.</summary>
    public const int MaxMembers = 32;

    /// <summary>Values of a constant, columns of a selection, labels.</summary>
    public const int MaxValues = 10_000;

    internal static TrainingConfigLimits Document { get; } =
        TrainingConfigLimits.Default with
        {
            MaxDocumentBytes = MaxDocumentBytes,
            MaxNodes = 50_000,
        };
}
