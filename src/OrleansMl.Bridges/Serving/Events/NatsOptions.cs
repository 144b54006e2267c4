namespace OrleansMl.Bridges.Serving.Events;

/// <summary>Bridges between topics and NATS JetStream; section <c>Bridges:Nats</c>. Every silo of the cluster has the same; one at a time works on each bridge's partition.</summary>
public sealed class NatsOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Bridges:Nats";

    /// <summary>The server's address, <c>nats://HOST:PORT</c>, several with commas; <c>tls://</c> asks for TLS.</summary>
    /// <value>The default is empty: no bridges.</value>
    public string Url { get; set; } = "";

    /// <summary>A credentials file of NATS; empty: none.</summary>
    public string CredentialsFile { get; set; } = "";

    /// <summary>A user's name; empty: none.</summary>
    public string Username { get; set; } = "";

    /// <summary>That user's password.</summary>
    public string Password { get; set; } = "";

    /// <summary>From streams into topics: a bridge's name to <c>STREAM TOPIC</c>, or <c>STREAM SUBJECT TOPIC</c> for a part of the stream.</summary>
    public IDictionary<string, string> Incoming { get; set; } = new Dictionary<string, string>();

    /// <summary>From topics onto subjects that a stream takes: a bridge's name to <c>TOPIC SUBJECT</c>.</summary>
    public IDictionary<string, string> Outgoing { get; set; } = new Dictionary<string, string>();

    /// <summary>Messages or events of one commit, 1 to 1,000.</summary>
    /// <value>The default is 100.</value>
    public int BatchSize { get; set; } = 100;

    /// <summary>Seconds after which JetStream delivers a message again that was not acknowledged, 1 to 3,600: what a killed silo's messages wait.</summary>
    /// <value>The default is 10.</value>
    public double AckWaitSeconds { get; set; } = 10;

    /// <summary>What is wrong, each error naming its key.</summary>
    public IEnumerable<string> Validate()
    {
        if (Incoming.Count + Outgoing.Count > 0 && Url.Length == 0)
            yield return $"{Section}:{nameof(Url)}: expected nats://HOST:PORT where bridges are configured, got nothing.";
        if (BatchSize is < 1 or > 1_000)
            yield return $"{Section}:{nameof(BatchSize)}: expected 1 to 1000, got {BatchSize}.";
        if (!(AckWaitSeconds >= 1 && AckWaitSeconds <= 3_600))
            yield return $"{Section}:{nameof(AckWaitSeconds)}: expected 1 to 3600, got {AckWaitSeconds}.";
        foreach (var (name, route) in Incoming)
        {
            if (NatsRoute.ParseIncoming(name, route) is null)
                yield return $"{Section}:{nameof(Incoming)}:{name}: expected 'STREAM TOPIC' or 'STREAM SUBJECT TOPIC', and a name that is a resource's, got '{route}'.";
        }
        foreach (var (name, route) in Outgoing)
        {
            if (NatsRoute.ParseOutgoing(name, route) is null)
                yield return $"{Section}:{nameof(Outgoing)}:{name}: expected 'TOPIC SUBJECT', and a name that is a resource's, got '{route}'.";
        }
    }
}
