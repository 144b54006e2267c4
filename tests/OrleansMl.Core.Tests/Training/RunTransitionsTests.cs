using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Core.Tests.Training;

public sealed class RunTransitionsTests
{
    private static readonly RunFailureLimits Limits = new(MaxAttempts: 3, MaxLostAttempts: 5);

    [Theory]
    [InlineData(AttemptOutcome.Error)]
    [InlineData(AttemptOutcome.Crashed)]
    [InlineData(AttemptOutcome.Hung)]
    [InlineData(AttemptOutcome.OutOfMemory)]
    public void A_failure_of_its_own_counts_and_the_last_one_allowed_fails_the_run(
        AttemptOutcome outcome
    )
    {
        var second = RunTransitions.AfterAttempt(outcome, "boom", 1, 4, false, Limits);
        var third = RunTransitions.AfterAttempt(outcome, "boom", 2, 4, false, Limits);

        Assert.Equal(
            (TrainingRunPhase.Queued, 2, 4),
            (second.Next, second.FailedAttempts, second.LostAttempts)
        );
        Assert.Equal(TrainingRunPhase.Failed, third.Next);
        Assert.Contains("3 of 3 attempts failed", third.Error, StringComparison.Ordinal);
        Assert.Contains("boom", third.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AttemptOutcome.LeaseLost)]
    [InlineData(AttemptOutcome.HandedOver)]
    public void A_silo_that_left_does_not_count_but_not_endlessly(AttemptOutcome outcome)
    {
        var fourth = RunTransitions.AfterAttempt(outcome, "gone", 2, 3, false, Limits);
        var fifth = RunTransitions.AfterAttempt(outcome, "gone", 2, 4, false, Limits);

        Assert.Equal(
            (TrainingRunPhase.Queued, 2, 4),
            (fourth.Next, fourth.FailedAttempts, fourth.LostAttempts)
        );
        Assert.Equal(TrainingRunPhase.Failed, fifth.Next);
    }

    [Fact]
    public void Input_that_can_never_be_trained_on_fails_at_once() =>
        Assert.Equal(
            new RunTransition(TrainingRunPhase.Failed, 0, 0, "no such column"),
            RunTransitions.AfterAttempt(
                AttemptOutcome.InvalidInput,
                "no such column",
                0,
                0,
                false,
                Limits
            )
        );

    [Theory]
    [InlineData(AttemptOutcome.Error)]
    [InlineData(AttemptOutcome.LeaseLost)]
    [InlineData(AttemptOutcome.InvalidInput)]
    [InlineData(AttemptOutcome.Cancelled)]
    public void A_run_that_is_to_be_cancelled_never_queues_again(AttemptOutcome outcome) =>
        Assert.Equal(
            TrainingRunPhase.Cancelled,
            RunTransitions.AfterAttempt(outcome, "", 0, 0, true, Limits).Next
        );

    [Theory]
    [InlineData(AttemptOutcome.Running)]
    [InlineData(AttemptOutcome.Succeeded)]
    public void An_attempt_with_a_model_or_at_work_has_not_ended_so(AttemptOutcome outcome) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            RunTransitions.AfterAttempt(outcome, "", 0, 0, false, Limits)
        );

    [Fact]
    public void Phases_follow_each_other_as_the_contract_says()
    {
        var allowed =
            from TrainingRunPhase phase in Enum.GetValues<TrainingRunPhase>()
            from TrainingRunPhase next in Enum.GetValues<TrainingRunPhase>()
            where RunTransitions.MayFollow(phase, next)
            select $"{phase}→{next}";

        Assert.Equal(
            [
                "Queued→Running",
                "Queued→Failed",
                "Queued→Cancelled",
                "Running→Queued",
                "Running→Registering",
                "Running→Failed",
                "Running→Cancelled",
                "Registering→Succeeded",
                "Registering→Failed",
                "Failed→Queued",
                "Cancelled→Queued",
            ],
            allowed
        );
    }
}
