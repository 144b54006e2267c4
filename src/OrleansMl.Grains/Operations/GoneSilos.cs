namespace OrleansMl.Grains.Operations;

/// <summary>Calls that found their silo gone.</summary>
internal static class GoneSilos
{
    /// <summary>Whether a call failed because the silo that it went to is gone: another takes its grains.</summary>
    public static bool Names(Exception error) => error is OrleansMessageRejectionException;

    /// <summary>Asks, and once more where the silo asked went down meanwhile. Only for what may be done twice.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (OrleansMessageRejectionException)
        {
            return await ask();
        }
    }
}
