using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Console.Operations;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Nothing known.</summary>
    public const string None = "–";

    /// <summary>A whole number with thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A measured number with four digits that count.</summary>
    public static string Number(double? value) =>
        value switch
        {
            null => None,
            0 => "0",
            { } v when !double.IsFinite(v) => v.ToString(CultureInfo.InvariantCulture),
            { } v when Math.Abs(v) is >= 1e-4 and < 1e6 => v.ToString(
                Math.Abs(v) >= 1000 ? "0" : "0.####",
                CultureInfo.InvariantCulture
            ),
            { } v => v.ToString("0.###e+0", CultureInfo.InvariantCulture),
        };

    /// <summary>A share of 0 to 1.</summary>
    public static string Share(double share) =>
        share.ToString(share is > 0 and < 0.01 ? "0.##%" : "0.#%", CultureInfo.InvariantCulture);

    /// <summary>Seconds in the unit that suits them.</summary>
    public static string Seconds(double? seconds) =>
        seconds switch
        {
            null => None,
            0 => "0 s",
            < 1e-3 => $"{seconds * 1e6:0} µs",
            < 1 => $"{seconds * 1e3:0.##} ms",
            < 60 => $"{seconds:0.#} s",
            < 3600 => $"{Math.Floor(seconds.Value / 60):0} min {seconds % 60:0} s",
            _ => $"{Math.Floor(seconds.Value / 3600):0} h {seconds % 3600 / 60:0} min",
        };

    /// <summary>Bytes in the unit that suits them.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < ByteUnits.Length - 1)
            (value, unit) = (value / 1024, unit + 1);
        return $"{value.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture)} {ByteUnits[unit]}";
    }

    /// <summary>The mean of a sum over a count, in seconds; null without any.</summary>
    public static double? Mean(Contracts.Serving.DurationStatistics of) =>
        of.Count == 0 ? null : of.Nanoseconds / 1e9 / of.Count;

    /// <summary>A name of code as words: <c>RolledBack</c> is "rolled back".</summary>
    public static string Words(Enum value) =>
        JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()).Replace('-', ' ');
}
