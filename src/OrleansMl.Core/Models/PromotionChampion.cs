using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Models;

/// <summary>The version behind the alias <c>champion</c>: what <c>champion.…</c> in a rule means.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Evaluations">Its scores.</param>
public sealed record PromotionChampion(int Version, IReadOnlyList<Evaluation> Evaluations);
