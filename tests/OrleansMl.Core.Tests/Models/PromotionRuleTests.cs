using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Models;

namespace OrleansMl.Core.Tests.Models;

public sealed class PromotionRuleTests
{
    private static readonly IReadOnlyList<Evaluation> Candidate =
    [
        Scores("test", ("accuracy", 0.91), ("loss", 0.3), ("nan", double.NaN)),
        Scores("validation", ("accuracy", 0.95), ("auc", 0.99)),
    ];

    private static readonly PromotionChampion Champion = new(
        3,
        [Scores("test", ("accuracy", 0.90), ("loss", 0.25))]
    );

    [Theory]
    [InlineData("accuracy >= 0.9", true)]
    [InlineData("accuracy >= 0.92", false)]
    [InlineData("accuracy > 0.91", false)]
    [InlineData("accuracy >= 0.91", true)]
    [InlineData("accuracy < 0.92", true)]
    [InlineData("accuracy <= 0.9", false)]
    [InlineData("accuracy == 0.91", true)]
    [InlineData("accuracy != 0.91", false)]
    [InlineData("0.5 < accuracy", true)]
    [InlineData("accuracy >= 9.1e-1", true)]
    [InlineData("accuracy >= -1", true)]
    [InlineData("accuracy >= champion.accuracy", true)]
    [InlineData("accuracy >= champion.accuracy + 0.02", false)]
    [InlineData("accuracy - champion.accuracy > 0.005", true)]
    [InlineData("loss <= champion.loss", false)]
    [InlineData("accuracy >= 0.9 and accuracy >= champion.accuracy", true)]
    [InlineData("accuracy >= 0.99 or loss < 0.5", true)]
    [InlineData("accuracy >= 0.99 or loss < 0.1", false)]
    [InlineData("not accuracy < 0.9", true)]
    [InlineData("not (accuracy < 0.9 or loss > 0.2)", false)]
    // and binds closer than or.
    [InlineData("accuracy > 0 or accuracy > 1 and accuracy > 1", true)]
    [InlineData("(accuracy > 0 or accuracy > 1) and accuracy > 1", false)]
    [InlineData("test.accuracy < validation.accuracy", true)]
    [InlineData("champion.test.accuracy == 0.90", true)]
    // Without a split: test, else validation.
    [InlineData("auc > 0.98", true)]
    public void A_rule_is_judged_by_its_figures(string rule, bool holds) =>
        Assert.Equal(holds, PromotionRule.Parse(rule).Evaluate(Candidate, Champion).Holds);

    [Fact]
    public void The_reason_lists_each_comparison_with_both_figures()
    {
        var verdict = PromotionRule
            .Parse("accuracy >= 0.95 and loss <= champion.loss + 0.1")
            .Evaluate(Candidate, Champion);

        Assert.Equal(
            "'accuracy >= 0.95 and loss <= champion.loss + 0.1' does not hold: "
                + "test.accuracy 0.91 >= 0.95 is false; "
                + "test.loss 0.3 <= champion@3 test.loss 0.25 + 0.1 is true",
            verdict.Reason
        );
    }

    [Theory]
    [InlineData("accuracy >= champion.accuracy")]
    [InlineData("not accuracy < champion.accuracy")]
    [InlineData("accuracy > 0.9 and not (loss > champion.loss)")]
    public void Without_a_champion_comparisons_with_it_hold_nobody_back(string rule)
    {
        var verdict = PromotionRule.Parse(rule).Evaluate(Candidate, null);

        Assert.True(verdict.Holds);
        Assert.Contains("no champion yet", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_model_must_still_keep_the_other_conditions() =>
        Assert.False(
            PromotionRule
                .Parse("accuracy >= 0.99 and accuracy >= champion.accuracy")
                .Evaluate(Candidate, null)
                .Holds
        );

    [Theory]
    [InlineData("f1 > 0", "no metric f1")]
    [InlineData("accuracy > 0 or f1 > 0", "no metric f1")]
    [InlineData("not f1 > 0", "no metric f1")]
    [InlineData("train.accuracy > 0", "no metric train.accuracy")]
    [InlineData("auc > champion.auc", "the champion, version 3, has no metric champion.auc")]
    [InlineData("nan < 1", "not a finite number")]
    public void A_metric_that_is_unknown_keeps_the_version_back(string rule, string reason)
    {
        var verdict = PromotionRule.Parse(rule).Evaluate(Candidate, Champion);

        Assert.False(verdict.Holds);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "expected a metric or a number, got the end of the rule")]
    [InlineData("accuracy", 9, "expected a comparison")]
    [InlineData("accuracy >> 0.9", 11, "expected a metric or a number, got '>'")]
    [InlineData("accuracy >= 0.9 accuracy", 17, "expected 'and', 'or' or the end, got 'a'")]
    [InlineData("(accuracy >= 0.9", 17, "expected ')' for the '(' at column 1")]
    [InlineData("accuracy >= 0.9)", 16, "got ')'")]
    [InlineData("accuracy >= 0.9 and", 20, "got the end of the rule")]
    [InlineData("accuracy >= 1.2.3", 13, "'1.2.3' is not a number")]
    [InlineData("dev.accuracy >= 1", 1, "expected a split (train, validation or test)")]
    [InlineData("champion >= 1", 1, "is not a metric")]
    [InlineData("champion. >= 1", 1, "is not a metric")]
    [InlineData("and > 1", 1, "got 'and'")]
    [InlineData("accuracy = 1", 10, "expected a comparison")]
    public void An_error_has_its_column_and_says_what_was_expected(
        string rule,
        int column,
        string message
    )
    {
        Assert.False(PromotionRule.TryParse(rule, out _, out var error));
        Assert.Equal(column, error.Column);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_nested_too_deep_or_too_long_is_refused()
    {
        var deep = new string('(', 10_000 / 10) + "accuracy > 1";
        Assert.False(PromotionRule.TryParse(deep, out _, out var nested));
        Assert.Contains("nests at most", nested.Message, StringComparison.Ordinal);
        Assert.False(PromotionRule.TryParse(new string(' ', 3_000), out _, out var longer));
        Assert.Contains("at most 2000 characters", longer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_rules_must_hold_and_none_moves_nothing()
    {
        var rules = PromotionPolicy.Parse(["accuracy >= 0.9", "loss < 0.1"]);

        var decision = PromotionPolicy.Decide("champion", 3, rules, Candidate, Champion)!;

        Assert.False(decision.Promoted);
        Assert.Equal(3, decision.Previous);
        Assert.Contains("'accuracy >= 0.9' holds", decision.Reason, StringComparison.Ordinal);
        Assert.Contains("'loss < 0.1' does not hold", decision.Reason, StringComparison.Ordinal);
        Assert.True(
            PromotionPolicy.Decide("champion", 3, [rules[0]], Candidate, Champion)!.Promoted
        );
        Assert.Null(PromotionPolicy.Decide("champion", 3, [], Candidate, Champion));
        var error = Assert.Throws<InvalidInputException>(() =>
            PromotionPolicy.Parse(["accuracy > 0", "loss <"])
        );
        Assert.Contains("rule 2 ('loss <'), column 7", error.Message, StringComparison.Ordinal);
    }

    private static Evaluation Scores(string split, params (string Name, double Value)[] metrics) =>
        new()
        {
            Split = split,
            Examples = 10,
            Metrics = metrics.ToDictionary(metric => metric.Name, metric => metric.Value),
        };
}
