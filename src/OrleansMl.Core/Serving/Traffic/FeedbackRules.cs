using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Traffic;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Says which outcomes are taken, and as what.</summary>
public static class FeedbackRules
{
    /// <summary>The most outcomes at a time.</summary>
    public const int MaxOutcomes = 1000;

    private const int MaxIdLength = 200;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Checks outcomes; those that are too late are left out and counted.</summary>
    /// <exception cref="InvalidInputException">One is wrong; the message has its place.</exception>
    /// <exception cref="NotFoundException">One is of a version that isn't there.</exception>
    public static (IReadOnlyList<FeedbackEntry> Entries, int Late) Check(
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
                late++;
            else
                entries.Add(entry);
        }
        return (entries, late);
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
        if (!double.IsFinite(outcome.Value))
            throw new InvalidInputException(
                $"{place}.value: expected a finite number, got {outcome.Value}."
            );
        if (policy.Outcome == OutcomeKind.Binary && outcome.Value is not (0 or 1))
            throw new InvalidInputException(
                $"{place}.value: expected 0 or 1, because the model's outcomes are binary, got {outcome.Value}; for numbers set the policy's traffic.outcome to 'number'."
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
                outcome.Value,
                at
            );
        }
        if (outcome is not { Version: { } version, Id: { } id })
            throw new InvalidInputException(
                $"{place}: expected a prediction's id, or a version together with an id for the outcome."
            );
        return version >= 1
            ? new FeedbackEntry(id, version, experiment, outcome.Value, now)
            : throw new InvalidInputException(
                $"{place}.version: expected a number from 1, got {version}."
            );
    }
}
