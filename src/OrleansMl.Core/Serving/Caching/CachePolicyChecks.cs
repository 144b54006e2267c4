using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>Says what is wrong with the section <c>cache</c>.</summary>
public static class CachePolicyChecks
{
    private const int Week = 604_800;
    private const int MostBytes = 64 << 20;

    /// <summary>The problems, each with the key, what was expected and what came.</summary>
    public static IEnumerable<string> Problems(CachePolicy? section) =>
        section is null
            ? []
            :
            [
                .. Between("maxAgeSeconds", section.MaxAgeSeconds, Week),
                .. Between("maxEntryBytes", section.MaxEntryBytes, MostBytes),
            ];

    private static IEnumerable<string> Between(string key, long value, long most)
    {
        if (value < 1 || value > most)
            yield return $"cache.{key}: expected 1 to {most}, got {value}.";
    }
}
