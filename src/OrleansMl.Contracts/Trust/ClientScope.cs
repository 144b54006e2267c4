namespace OrleansMl.Contracts.Trust;

/// <summary>How a token that is limited to some models is judged at a grain method.</summary>
public enum ClientScope
{
    /// <summary>The method may tell of any model: a limited token is refused.</summary>
    All,

    /// <summary>The grain's key names the model, alone or before <c>@</c>.</summary>
    Key,

    /// <summary>The method is about no model: a limited token may call it as any other.</summary>
    None,
}
