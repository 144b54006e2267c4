namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>What went wrong.</summary>
/// <param name="Case">The request; null: it was no single one's fault.</param>
/// <param name="Number">The case's number: with the run's seed it is made again.</param>
/// <param name="Problem">What was wrong.</param>
internal sealed record FuzzFailure(FuzzCase? Case, long Number, string Problem);
