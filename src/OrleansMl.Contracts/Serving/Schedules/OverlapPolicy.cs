namespace OrleansMl.Contracts.Serving.Schedules;

/// <summary>What becomes of a firing that is due while the job of an earlier one has not ended.</summary>
public enum OverlapPolicy
{
    /// <summary>It makes no job.</summary>
    Skip = 0,

    /// <summary>It waits for the earlier one's end; while one waits, further ones make no job.</summary>
    Queue = 1,

    /// <summary>The earlier job is cancelled.</summary>
    Cancel = 2,
}
