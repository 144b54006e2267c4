using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>The answer to one request of a stream: a response or an error, after which the stream goes on.</summary>
/// <param name="Response">The response; null when the request failed.</param>
/// <param name="Error">What was wrong with the request; null when it went well.</param>
public sealed record InferenceStreamAnswer(InferenceResponse? Response, OrleansMlException? Error);
