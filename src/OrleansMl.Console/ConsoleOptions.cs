namespace OrleansMl.Console;

/// <summary>The pages for people at <c>/console</c>; section <c>Console</c>.</summary>
public sealed class ConsoleOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Console";

    /// <summary>Whether a silo with the role <c>gateway</c> has the pages. Off, none of their routes is there.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Hours after which a person must sign in again. A revoked or expired key ends the session at once.</summary>
    /// <value>The default is 12; 0.1 to 720.</value>
    public double SessionHours { get; set; } = 12;

    /// <summary>
    /// Seconds between two looks at the figures that a page shows live, and between two checks that its viewer's key still holds.
    /// A run's points come by themselves, but are drawn no more often than this.
    /// </summary>
    /// <value>The default is 2; 0.1 to 60.</value>
    public double RefreshSeconds { get; set; } = 2;

    /// <summary>The most pages that are live at a time in this process; each holds a connection and reads. One more shows what was true when it was opened, and says so.</summary>
    /// <value>The default is 200; 0 to 10,000.</value>
    public int MaxLiveViews { get; set; } = 200;

    /// <summary>Rows of a page of a list.</summary>
    /// <value>The default is 50; 1 to 500.</value>
    public int PageSize { get; set; } = 50;

    /// <summary>The most points of a run's series that are drawn; longer ones are thinned evenly.</summary>
    /// <value>The default is 600; 10 to 5,000.</value>
    public int MaxPoints { get; set; } = 600;
}
