namespace OrleansMl.Client;

/// <summary>A call is about to be tried again.</summary>
/// <param name="Retry">1 for the first try after the first.</param>
/// <param name="Delay">How long it waits before it.</param>
/// <param name="Reason">What the try before it met.</param>
public sealed record RetryNotice(int Retry, TimeSpan Delay, string Reason);
