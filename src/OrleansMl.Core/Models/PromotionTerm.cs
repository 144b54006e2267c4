namespace OrleansMl.Core.Models;

/// <summary>A number or a metric, added or subtracted.</summary>
/// <param name="Text">As written.</param>
/// <param name="Sign">1 or −1.</param>
/// <param name="Number">The number; null for a metric.</param>
/// <param name="OfChampion">A metric of the champion.</param>
/// <param name="Split">The split it was measured on; null: test, else validation.</param>
/// <param name="Metric">The metric's name; empty for a number.</param>
internal sealed record PromotionTerm(
    string Text,
    int Sign,
    double? Number,
    bool OfChampion,
    string? Split,
    string Metric
);
