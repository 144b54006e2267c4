namespace OrleansMl.Gateway.Operations;

/// <summary>Ids of commands: the caller's, or one made here for a caller that will not retry.</summary>
internal static class CommandIds
{
    private const int MaxLength = 100;

    public static string Take(string? commandId)
    {
        if (string.IsNullOrEmpty(commandId))
            return Guid.NewGuid().ToString("N");
        return commandId.Length <= MaxLength
            ? commandId
            : throw RequestException.Invalid(
                $"commandId: expected 1 to {MaxLength} characters, got {commandId.Length}."
            );
    }
}
