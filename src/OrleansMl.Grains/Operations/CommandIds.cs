using OrleansMl.Contracts;

namespace OrleansMl.Grains.Operations;

/// <summary>The rule for command ids: they are kept in states, so they are short.</summary>
internal static class CommandIds
{
    public const int MaxLength = 200;

    /// <exception cref="InvalidInputException">The id is empty or too long.</exception>
    public static void Check(string? commandId)
    {
        if (string.IsNullOrWhiteSpace(commandId) || commandId.Length > MaxLength)
            throw new InvalidInputException(
                $"commandId: expected 1 to {MaxLength} characters, got {commandId?.Length ?? 0}; choose one for each command and repeat it when you repeat the command."
            );
    }
}
