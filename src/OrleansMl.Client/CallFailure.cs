namespace OrleansMl.Client;

/// <summary>How far a failed call came, which says whether it may be repeated.</summary>
internal enum CallFailure
{
    /// <summary>Answered for good: a repetition gets the same answer.</summary>
    Refused = 0,

    /// <summary>It never left.</summary>
    NotSent = 1,

    /// <summary>Refused before anything was done, for now.</summary>
    Busy = 2,

    /// <summary>Answered that it can't be done now; a part may have been.</summary>
    Away = 3,

    /// <summary>Sent and not answered; it may have been carried out.</summary>
    Lost = 4,
}
