namespace OrleansMl.Gateway.Serving;

/// <summary>An output that a request asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Classes">As classes: how many of the best; 0: as it is.</param>
internal readonly record struct RequestedOutput(string Name, int Classes);
