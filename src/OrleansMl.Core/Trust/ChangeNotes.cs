namespace OrleansMl.Core.Trust;

/// <summary>
/// The client's call that a grain is carrying out: who asked, as the token says, and what the grain tells the audit record
/// (before → after, no secrets). It follows the flow of the call and no message, so that what a grain does by itself has none.
/// </summary>
public sealed class ChangeNotes
{
    private static readonly AsyncLocal<ChangeNotes?> Current = new();

    private ChangeNotes(string caller) => Caller = caller;

    /// <summary>Whom the client's token names.</summary>
    public string Caller { get; }

    /// <summary>What was told.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Begins the notes of a call; they end with the flow of the method that began them.</summary>
    public static ChangeNotes Begin(string caller) => Current.Value = new ChangeNotes(caller);

    /// <summary>Who asks: whom the client's token names, whatever the client wrote; in any other call who the caller says.</summary>
    public static string CallerOr(string said) => Current.Value?.Caller ?? said;

    /// <summary>Adds to the record of the call that is being carried out; nothing where that is not recorded.</summary>
    public static void Add(string text)
    {
        if (Current.Value is { } notes)
            notes.Text = notes.Text.Length == 0 ? text : $"{notes.Text}; {text}";
    }
}
