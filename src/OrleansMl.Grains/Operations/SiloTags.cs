namespace OrleansMl.Grains.Operations;

/// <summary>Comma-separated values in silo metadata.</summary>
internal static class SiloTags
{
    public static bool Contain(string? values, string wanted) =>
        values is not null
        && values
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Contains(wanted);
}
