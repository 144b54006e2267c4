namespace OrleansMl.Gateway.Trust;

/// <summary>How a route's model is known, for keys that are limited to some models.</summary>
public enum ModelScope
{
    /// <summary>The route is about no model: a limited key may use it as any other.</summary>
    None,

    /// <summary>The route's value <c>model</c> names it; it is checked before the endpoint runs.</summary>
    Route,

    /// <summary>The endpoint finds the model in its body and calls <c>Caller.RequireModel</c> itself.</summary>
    Checked,

    /// <summary>The route may tell of any model: a limited key is refused.</summary>
    All,
}
