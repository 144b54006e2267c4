using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Says which outcomes are taken, and as what.</summary>
public static class FeedbackRules
{
    /// <summary>The most outcomes at a time.</summary>
    public const int MaxOutcomes = 1000;

    private const int MaxIdLength = 200;
    private const int MaxLabelLength = 1_000;
    private const int MaxRow = 9_999;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Checks outcomes; those that are too late are left out and counted.</summary>
    /// <exception cref="InvalidInputException">One is wrong; the message has its place.</exception>
    /// <exception cref="NotFoundException">One is of a version that isn't there.</exception>
    public static CheckedFeedback Check(
        IReadOnlyList<OutcomeReport> outcomes,
        TrafficPolicy policy,
        long experiment,
        int latestVersion,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(policy);
        if (outcomes.Count is < 1 or > MaxOutcomes)
            throw new InvalidInputException(
                $"outcomes: expected 1 to {MaxOutcomes}, got {outcomes.Count}."
            );
        List<FeedbackEntry> entries = [];
        List<TrueOutcome> truths = [];
        var late = 0;
        var oldest = now - TimeSpan.FromSeconds(policy.FeedbackWindowSeconds);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var entry = Check(outcomes[i], $"outcomes[{i}]", policy, experiment, now);
            if (entry.Version > latestVersion)
                throw new NotFoundException(
                    $"outcomes[{i}]: there is no version {entry.Version}; the newest is {latestVersion}."
                );
            if (entry.PredictedAt < oldest)
            {
                late++;
                continue;
            }
            if (outcomes[i].Value is not null)
                entries.Add(entry);
            if (Truth(outcomes[i], $"outcomes[{i}]") is { } truth)
                truths.Add(truth);
        }
        return new CheckedFeedback(entries, truths, late);
    }

    private static FeedbackEntry Check(
        OutcomeReport? outcome,
        string place,
        TrafficPolicy policy,
        long experiment,
        DateTimeOffset now
    )
    {
        if (outcome is null)
            throw new InvalidInputException($"{place}: expected an object, got null.");
        if (outcome is { Value: null, Label: null, Actual: null })
            throw new InvalidInputException(
                $"{place}: expected a value, or the label or actual number that turned out to be true."
            );
        // What is told of quality alone counts for nothing here.
        var value = outcome.Value ?? 0;
        if (!double.IsFinite(value))
            throw new InvalidInputException(
                $"{place}.value: expected a finite number, got {value}."
            );
        if (policy.Outcome == OutcomeKind.Binary && value is not (0 or 1))
            throw new InvalidInputException(
                $"{place}.value: expected 0 or 1, because the model's outcomes are binary, got {value}; for numbers set the policy's traffic.outcome to 'number'."
            );
        if (outcome.Id is { } given && (given.Length is 0 or > MaxIdLength))
            throw new InvalidInputException(
                $"{place}.id: expected 1 to {MaxIdLength} characters, got {given.Length}."
            );
        if (outcome.Prediction is { IsNone: false } prediction)
        {
            if (outcome.Version is { } other && other != prediction.Version)
                throw new InvalidInputException(
                    $"{place}: version {other} is not that of prediction {prediction}."
                );
            var at = DateTimeOffset.FromUnixTimeMilliseconds(prediction.Milliseconds);
            if (prediction.Experiment > experiment || at > now + ClockSkew)
                throw new InvalidInputException(
                    $"{place}.prediction: {prediction} was made by no experiment of this model, or in the future."
                );
            return new FeedbackEntry(
                outcome.Id ?? prediction.ToString(),
                prediction.Version,
                prediction.Experiment,
                value,
                at
            );
        }
        if (outcome is not { Version: { } version, Id: { } id })
            throw new InvalidInputException(
                $"{place}: expected a prediction's id, or a version together with an id for the outcome."
            );
        return version >= 1
            ? new FeedbackEntry(id, version, experiment, value, now)
            : throw new InvalidInputException(
                $"{place}.version: expected a number from 1, got {version}."
            );
    }

    private static TrueOutcome? Truth(OutcomeReport outcome, string place)
    {
        if (outcome is { Label: null, Actual: null })
            return null;
        if (outcome.Prediction is not { IsNone: false } prediction)
            throw new InvalidInputException(
                $"{place}: a label or actual number needs the prediction's id (X-Prediction-Id), to be joined with what was predicted."
            );
        if (outcome is { Label: not null, Actual: not null })
            throw new InvalidInputException($"{place}: expected one of label and actual.");
        if (outcome.Label is { Length: 0 or > MaxLabelLength })
            throw new InvalidInputException(
                $"{place}.label: expected 1 to {MaxLabelLength} characters, got {outcome.Label?.Length}."
            );
        if (outcome.Actual is { } actual && !double.IsFinite(actual))
            throw new InvalidInputException(
                $"{place}.actual: expected a finite number, got {actual}."
            );
        if (outcome.Row is < 0 or > MaxRow)
            throw new InvalidInputException(
                $"{place}.row: expected a row of the prediction, 0 to {MaxRow}, got {outcome.Row}."
            );
        return new TrueOutcome(
            prediction.ToString(),
            outcome.Row,
            prediction.Version,
            DateTimeOffset.FromUnixTimeMilliseconds(prediction.Milliseconds),
            outcome.Label,
            outcome.Actual
        );
    }
}
