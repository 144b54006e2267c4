namespace OrleansMl.Grains.Operations;

/// <summary>Checks that options share.</summary>
internal static class OptionLimits
{
    public static IEnumerable<string> Between(string option, long value, long least, long most)
    {
        if (value < least || value > most)
            yield return $"{option} must be {least} to {most}, got {value}.";
    }

    public static IEnumerable<string> Between(
        string option,
        TimeSpan value,
        TimeSpan least,
        TimeSpan most
    )
    {
        if (value < least || value > most)
            yield return $"{option} must be {least} to {most}, got {value}.";
    }
}
