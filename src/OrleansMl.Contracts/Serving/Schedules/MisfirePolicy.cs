namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>What becomes of firings that nobody was there for.</summary>
public enum MisfirePolicy
{
    /// <summary>The newest of them makes a job, the others none.</summary>
    FireOnce = 0,

    /// <summary>None of them makes a job.</summary>
    Skip = 1,
}
