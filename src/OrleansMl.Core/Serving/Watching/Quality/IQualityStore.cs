using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Predictions that wait for their outcomes, and what came of those that were joined; durable. Implemented by Storage; one contract suite runs against every implementation.</summary>
public interface IQualityStore
{
    /// <summary>Keeps predictions; one whose outcome came first is joined with it. A prediction's row that is kept already is passed over.</summary>
    /// <param name="model">The model.</param>
    /// <param name="predictions">Rows of predictions.</param>
    /// <param name="begin">The window for those that are joined: when it begins, in seconds since 1970.</param>
    /// <param name="seconds">Its length.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were joined.</returns>
    Task<int> AddAsync(
        string model,
        IReadOnlyList<LoggedPrediction> predictions,
        long begin,
        int seconds,
        CancellationToken cancellationToken
    );

    /// <summary>Joins outcomes with their predictions and adds them to the window, all in one transaction: each row of a prediction once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="outcomes">Outcomes.</param>
    /// <param name="begin">The window: when it begins, in seconds since 1970.</param>
    /// <param name="seconds">Its length.</param>
    /// <param name="young">Predictions made since may not be written yet: their outcomes are kept until they are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<JoinResult> JoinAsync(
        string model,
        IReadOnlyList<TrueOutcome> outcomes,
        long begin,
        int seconds,
        DateTimeOffset young,
        CancellationToken cancellationToken
    );

    /// <summary>The windows of one length that begin at a time or later, oldest first.</summary>
    Task<IReadOnlyList<QualityWindow>> ReadAsync(
        string model,
        long from,
        int seconds,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets predictions made before a time and all but the newest, and windows that begin before a time, in seconds since 1970.</summary>
    Task ForgetAsync(
        string model,
        DateTimeOffset before,
        int keep,
        long windowsBefore,
        CancellationToken cancellationToken
    );
}
