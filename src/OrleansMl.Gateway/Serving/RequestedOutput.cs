namespace OrleansMl.Gateway.Serving;

/// <summary>An output that a request asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Classes">As classes: how many of the best; 0: as it is.</param>
/// <param name="IsBinary">Whether in binary; null: as the request says for all.</param>
internal readonly record struct RequestedOutput(string Name, int Classes, bool? IsBinary = null);
