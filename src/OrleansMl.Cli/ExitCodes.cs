using OrleansMl.Client;

namespace OrleansMl.Cli;

/// <summary>What <c>oml</c> exits with; documented in docs/cli.md.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;
    public const int NotFound = 3;
    public const int Conflict = 4;
    public const int Unavailable = 5;
    public const int Interrupted = 130;

    /// <summary>The code for an error of the cluster.</summary>
    public static int Of(OrleansMlException error) =>
        error.Code switch
        {
            OrleansMlErrorCodes.NotFound => NotFound,
            OrleansMlErrorCodes.Conflict or "not_comparable" => Conflict,
            OrleansMlErrorCodes.Unavailable
            or OrleansMlErrorCodes.Timeout
            or OrleansMlErrorCodes.Overloaded
            or "storage_full" => Unavailable,
            OrleansMlErrorCodes.InvalidInput
            or OrleansMlErrorCodes.InvalidConfiguration
            or "invalid_request"
            or "body_too_large"
            or "unsupported_media_type" => BadInput,
            _ => Failed,
        };
}
