namespace OrleansMl.Core.Serving.Routing;

/// <summary>How long a silo uses what it knows of models' aliases and serving policies; section <c>Routing</c>.</summary>
public sealed class RoutingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Routing";

    /// <summary>Seconds for which a model's route is used without asking again. A smaller value sees a moved alias sooner and asks the model's grain more often.</summary>
    /// <value>The default is 1.</value>
    public double RefreshSeconds { get; set; } = 1;

    /// <summary>Seconds for which a model's last known route serves while its grain can't be asked.</summary>
    /// <value>The default is 300.</value>
    public double StaleSeconds { get; set; } = 300;

    /// <summary>Milliseconds that a request waits for an answer about a route older than twice <see cref="RefreshSeconds"/>, before it takes the old one.</summary>
    /// <value>The default is 250.</value>
    public double WaitMilliseconds { get; set; } = 250;

    /// <summary>The most models whose routes are remembered; past it, those fetched longest ago are forgotten.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxRoutes { get; set; } = 10_000;

    /// <summary>Seconds that a changed route waits for the versions that it newly leads to: until they are loaded, the old route serves. After it, the new one serves all the same.</summary>
    /// <value>The default is 60.</value>
    public double WarmSeconds { get; set; } = 60;
}
