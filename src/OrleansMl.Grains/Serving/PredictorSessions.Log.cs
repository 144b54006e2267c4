using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Serving;

internal sealed partial class PredictorSessions
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Loaded model version {Version}; it counts for {Bytes} bytes."
    )]
    private static partial void LogLoaded(ILogger logger, ModelVersionId version, long bytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Let go of model version {Version}, the one used longest ago."
    )]
    private static partial void LogEvicted(ILogger logger, ModelVersionId version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Unloaded model version {Version}.")]
    private static partial void LogUnloaded(ILogger logger, ModelVersionId version);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Model version {Version} could not be loaded."
    )]
    private static partial void LogLoadFailed(
        ILogger logger,
        Exception error,
        ModelVersionId version
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The serving policy for model version {Version} could not be read; the last known one holds."
    )]
    private static partial void LogPolicyFailed(
        ILogger logger,
        Exception error,
        ModelVersionId version
    );
}
