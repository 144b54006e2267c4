namespace OrleansMl.Console.Operations;

/// <summary>What a live part of a page is at.</summary>
public enum LiveState
{
    /// <summary>Rendered with its page; nothing comes after it unless the browser connects.</summary>
    Still,

    /// <summary>Shows what is true now.</summary>
    Live,

    /// <summary>What it shows could not be read anew; it goes on trying.</summary>
    Behind,

    /// <summary>Nothing more will change.</summary>
    Over,

    /// <summary>As many pages are live as may be.</summary>
    Full,

    /// <summary>Its viewer's session has ended, or no longer permits it: it shows nothing.</summary>
    Closed,
}
