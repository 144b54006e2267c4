using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>What a silo's report must be.</summary>
internal static class SlotReports
{
    private const int MaxSlots = 256;

    /// <exception cref="InvalidInputException">Something is wrong; nothing was taken in.</exception>
    public static void Check(SiloSlotsReport report)
    {
        if (string.IsNullOrWhiteSpace(report.Silo) || report.Silo.Contains('/'))
            throw new InvalidInputException(
                $"slots report: expected a silo's name without '/', got '{report.Silo}'."
            );
        if (report.Slots.Count > MaxSlots)
            throw new InvalidInputException(
                $"slots report of {report.Silo}: expected at most {MaxSlots} slots, got {report.Slots.Count}."
            );
        foreach (var slot in report.Slots)
        {
            if (!slot.Slot.StartsWith($"{report.Silo}/", StringComparison.Ordinal))
                throw new InvalidInputException(
                    $"slots report of {report.Silo}: expected slots named '{report.Silo}/device', got '{slot.Slot}'."
                );
        }
    }
}
