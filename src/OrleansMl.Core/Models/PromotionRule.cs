using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Models;

/// <summary>
/// A condition on a new version's scores, for example <c>accuracy &gt;= 0.9 and accuracy &gt;= champion.accuracy</c>.
/// Comparisons (&gt;=, &lt;=, &gt;, &lt;, ==, !=) of sums of numbers and metrics, joined by and, or, not and parentheses. A metric
/// is a name, with an optional split before it (<c>validation.loss</c>; without one: test, else validation), and with
/// <c>champion.</c> before that for the version which has the alias champion now.
/// </summary>
public sealed class PromotionRule
{
    private readonly PromotionNode _root;

    private PromotionRule(string text, PromotionNode root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Reads a rule.</summary>
    /// <exception cref="PromotionRuleException">It can't be read; the error has the column.</exception>
    public static PromotionRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PromotionRule(text, new PromotionRuleParser(text).Parse());
    }

    /// <summary>Reads a rule; false with the place and reason when it can't be read.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out PromotionRule? rule,
        [NotNullWhen(false)] out PromotionRuleError? error
    )
    {
        try
        {
            rule = Parse(text);
            error = null;
            return true;
        }
        catch (PromotionRuleException problem)
        {
            rule = null;
            error = problem.Error;
            return false;
        }
    }

    /// <summary>
    /// Judges a candidate. Without a champion, comparisons with it hold, under <c>not</c> too, so that they never keep
    /// the first model back. An unknown metric, or one that is not a number, keeps the candidate back.
    /// </summary>
    public PromotionVerdict Evaluate(
        IReadOnlyList<Evaluation> candidate,
        PromotionChampion? champion
    )
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var trial = new Trial(candidate, champion);
        var holds = trial.Evaluate(_root, negated: false) && !trial.Unknown;
        return new PromotionVerdict(
            holds,
            $"'{Text}' {(holds ? "holds" : "does not hold")}: {string.Join("; ", trial.Findings)}"
        );
    }

    private sealed class Trial(IReadOnlyList<Evaluation> candidate, PromotionChampion? champion)
    {
        public List<string> Findings { get; } = [];

        public bool Unknown { get; private set; }

        // Every comparison is judged, so that the reason lists them all.
        public bool Evaluate(PromotionNode node, bool negated) =>
            node switch
            {
                PromotionAll all => all
                    .Parts.Select(part => Evaluate(part, negated))
                    .ToList()
                    .TrueForAll(holds => holds),
                PromotionAny any => any
                    .Parts.Select(part => Evaluate(part, negated))
                    .ToList()
                    .Exists(holds => holds),
                PromotionNot not => !Evaluate(not.Part, !negated),
                PromotionComparison comparison => Compare(comparison, negated),
                _ => throw new InvalidOperationException($"Unknown node {node.GetType().Name}."),
            };

        private bool Compare(PromotionComparison comparison, bool negated)
        {
            var terms = comparison.Left.Concat(comparison.Right).ToList();
            if (champion is null && terms.Exists(term => term.OfChampion))
            {
                Findings.Add($"{Write(comparison)}: no champion yet, so this holds nobody back");
                return !negated;
            }
            var left = Sum(comparison.Left, out var leftText);
            var right = Sum(comparison.Right, out var rightText);
            if (left is not { } l || right is not { } r)
            {
                Unknown = true;
                return false;
            }
            var holds = comparison.Operator switch
            {
                ">=" => l >= r,
                "<=" => l <= r,
                ">" => l > r,
                "<" => l < r,
                "==" => l.Equals(r),
                _ => !l.Equals(r),
            };
            Findings.Add(
                $"{leftText} {comparison.Operator} {rightText} is {(holds ? "true" : "false")}"
            );
            return holds;
        }

        private double? Sum(IReadOnlyList<PromotionTerm> terms, out string text)
        {
            double sum = 0;
            var known = true;
            List<string> written = [];
            foreach (var term in terms)
            {
                var value = term.Number ?? Find(term, out var found);
                if (value is not { } number)
                {
                    known = false;
                    continue;
                }
                sum += term.Sign * number;
                var sign =
                    written.Count == 0 ? (term.Sign < 0 ? "-" : "")
                    : term.Sign < 0 ? "- "
                    : "+ ";
                written.Add(
                    term.Number is null
                        ? $"{sign}{Name(term)} {Figure(number)}"
                        : $"{sign}{term.Text}"
                );
            }
            text = string.Join(' ', written);
            return known ? sum : null;
        }

        private double? Find(PromotionTerm term, out string? split)
        {
            var evaluations = term.OfChampion ? champion!.Evaluations : candidate;
            var who = term.OfChampion
                ? $"the champion, version {champion!.Version},"
                : "the new version";
            foreach (
                var wanted in term.Split is null ? ["test", "validation"] : new[] { term.Split }
            )
            {
                split = wanted;
                var evaluation = evaluations.FirstOrDefault(e => e.Split == wanted);
                if (
                    evaluation is null
                    || !evaluation.Metrics.TryGetValue(term.Metric, out var value)
                )
                    continue;
                if (double.IsFinite(value))
                    return value;
                Findings.Add($"{term.Text} of {who} is {Figure(value)}, not a finite number");
                return null;
            }
            split = null;
            var known = evaluations
                .SelectMany(e => e.Metrics.Keys.Select(metric => $"{e.Split}.{metric}"))
                .Take(20)
                .ToList();
            Findings.Add(
                $"{who} has no metric {term.Text}; it has {(known.Count == 0 ? "none" : string.Join(", ", known))}"
            );
            return null;
        }

        private string Name(PromotionTerm term)
        {
            _ = Find(term, out var split);
            return term.OfChampion
                ? $"champion@{champion!.Version} {split}.{term.Metric}"
                : $"{split}.{term.Metric}";
        }

        private static string Write(PromotionComparison comparison) =>
            $"{Write(comparison.Left)} {comparison.Operator} {Write(comparison.Right)}";

        private static string Write(IReadOnlyList<PromotionTerm> terms) =>
            string.Concat(
                terms.Select(
                    (term, index) =>
                        index == 0
                            ? (term.Sign < 0 ? "-" : "") + term.Text
                            : (term.Sign < 0 ? " - " : " + ") + term.Text
                )
            );

        private static string Figure(double value) =>
            value.ToString("G6", CultureInfo.InvariantCulture);
    }
}
