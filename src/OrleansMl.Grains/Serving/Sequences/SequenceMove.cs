namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>What a call does to its sequence.</summary>
internal enum SequenceMove
{
    /// <summary>It begins anew.</summary>
    Begin,

    /// <summary>It goes on.</summary>
    Continue,

    /// <summary>Nothing: the call was applied before.</summary>
    Repeat,
}
