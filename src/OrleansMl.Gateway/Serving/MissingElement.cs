namespace OrleansMl.Gateway.Serving;

/// <summary>A null among a tensor's values: where the model's signature has yet to say whether it may be left out.</summary>
/// <param name="Tensor">The input's name.</param>
/// <param name="Datatype">Its datatype as sent.</param>
/// <param name="Index">The first null's place, row-major, from 0.</param>
internal sealed record MissingElement(string Tensor, string Datatype, long Index);
