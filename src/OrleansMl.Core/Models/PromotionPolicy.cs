using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Models;

/// <summary>Decides whether a new version takes an alias.</summary>
public static class PromotionPolicy
{
    /// <summary>The alias that <c>champion.…</c> in a rule means.</summary>
    public const string ChampionAlias = "champion";

    /// <summary>Rules at the most.</summary>
    public const int MaxRules = 32;

    /// <summary>Reads rules.</summary>
    /// <exception cref="InvalidInputException">There are too many, or one can't be read; the message has its number and column.</exception>
    public static IReadOnlyList<PromotionRule> Parse(IReadOnlyList<string> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Count > MaxRules)
            throw new InvalidInputException(
                $"promotion rules: expected at most {MaxRules}, got {rules.Count}."
            );
        List<PromotionRule> parsed = [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (!PromotionRule.TryParse(rules[i], out var rule, out var error))
                throw new InvalidInputException($"promotion rule {i + 1} ('{rules[i]}'), {error}");
            parsed.Add(rule);
        }
        return parsed;
    }

    /// <summary>Applies the rules, all of which must hold; null when there are none: then no alias moves.</summary>
    /// <param name="alias">The alias to move.</param>
    /// <param name="previous">The version that has it now.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="candidate">The new version's scores.</param>
    /// <param name="champion">The version behind <see cref="ChampionAlias"/>.</param>
    public static PromotionDecision? Decide(
        string alias,
        int? previous,
        IReadOnlyList<PromotionRule> rules,
        IReadOnlyList<Evaluation> candidate,
        PromotionChampion? champion
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Count == 0)
            return null;
        var verdicts = rules.Select(rule => rule.Evaluate(candidate, champion)).ToList();
        return new PromotionDecision
        {
            Alias = alias,
            Promoted = verdicts.TrueForAll(verdict => verdict.Holds),
            Reason = string.Join(". ", verdicts.Select(verdict => verdict.Reason)),
            Previous = previous,
        };
    }
}
