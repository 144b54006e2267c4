using System.Globalization;

namespace OrleansMl.Cli;

/// <summary>Values as people read them.</summary>
internal static class TextFormat
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Bytes(long bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? $"{bytes} B" : $"{value:0.0} {Units[unit]}";
    }

    public static string Time(DateTimeOffset? time) =>
        time is { } t
            ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "";

    public static string Seconds(double seconds) =>
        seconds < 60
            ? $"{seconds:0.0} s"
            : TimeSpan
                .FromSeconds(seconds)
                .ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)
                .TrimStart('0', '.');

    public static string Number(double value) =>
        value.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>accuracy 0.9123, loss 0.2511</c>: the best known metrics first.</summary>
    public static string Metrics(IReadOnlyDictionary<string, double> metrics, int most = 4) =>
        string.Join(
            ", ",
            metrics
                .OrderBy(m => Rank(m.Key))
                .ThenBy(m => m.Key, StringComparer.Ordinal)
                .Take(most)
                .Select(m => $"{m.Key} {Number(m.Value)}")
        );

    private static int Rank(string metric) =>
        metric switch
        {
            "accuracy" => 0,
            "roc_auc" => 1,
            "rmse" => 2,
            "r2" => 3,
            "macro_f1" => 4,
            "mae" => 5,
            "loss" => 6,
            _ => 9,
        };
}
