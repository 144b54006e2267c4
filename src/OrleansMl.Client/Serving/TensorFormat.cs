namespace OrleansMl.Client.Serving;

/// <summary>How tensors travel over HTTP.</summary>
public enum TensorFormat
{
    /// <summary>As JSON numbers and texts.</summary>
    Json,

    /// <summary>As bytes behind the JSON, by the protocol's binary tensor extension.</summary>
    Binary,
}
