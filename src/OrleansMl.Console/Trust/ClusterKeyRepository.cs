using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Core.Trust;

namespace OrleansMl.Console.Trust;

/// <summary>
/// The keys of ASP.NET's data protection, each derived from one of the cluster's secrets: all silos have the same without a store of
/// their own, and a new secret makes a new key on all of them. Read when the silo starts and every minute.
/// </summary>
internal sealed partial class ClusterKeyRepository(
    IClusterKeys cluster,
    TimeProvider time,
    ILogger<ClusterKeyRepository> logger
) : BackgroundService, IHostedLifecycleService, IXmlRepository
{
    private const int MasterBytes = 64;
    private const string Never = "9999-12-31T00:00:00Z";
    private static readonly DateTimeOffset First = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(1);
    private State _state = new([], new CancellationTokenSource());

    /// <summary>Fires when the keys have changed.</summary>
    public CancellationToken Changed => Volatile.Read(ref _state).Changed.Token;

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements() =>
        // Oldest first: the newest is active from the latest date and protects, the others still read.
        [.. Volatile.Read(ref _state).Keys.Reverse().Select(Describe)];

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) =>
        throw new NotSupportedException(
            "Data protection keys are derived from the cluster's secrets and not made here."
        );

    /// <summary>Reads the secrets before anything asks for a key.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Refresh, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ReadAsync(stoppingToken);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(error);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var keys = await cluster.ReadAsync(cancellationToken);
        var known = Volatile.Read(ref _state);
        if (keys.Select(key => key.Id).SequenceEqual(known.Keys.Select(key => key.Id)))
            return;
        Volatile.Write(ref _state, new State([.. keys], new CancellationTokenSource()));
        await known.Changed.CancelAsync();
    }

    private static XElement Describe(ClusterKey key, int age)
    {
        var active = First.AddDays(age).ToString("O");
        return new XElement(
            "key",
            new XAttribute("id", new Guid(Derive(key, "id", 16))),
            new XAttribute("version", 1),
            new XElement("creationDate", active),
            new XElement("activationDate", active),
            new XElement("expirationDate", Never),
            new XElement(
                "descriptor",
                new XAttribute(
                    "deserializerType",
                    typeof(AuthenticatedEncryptorDescriptorDeserializer).AssemblyQualifiedName!
                ),
                new XElement(
                    "descriptor",
                    new XElement("encryption", new XAttribute("algorithm", "AES_256_CBC")),
                    new XElement("validation", new XAttribute("algorithm", "HMACSHA256")),
                    new XElement(
                        "masterKey",
                        new XElement(
                            "value",
                            Convert.ToBase64String(Derive(key, "master", MasterBytes))
                        )
                    )
                )
            )
        );
    }

    // One secret serves several ends; what is derived for one tells nothing of the others.
    private static byte[] Derive(ClusterKey key, string use, int bytes) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            key.Secret.ToArray(),
            bytes,
            info: Encoding.UTF8.GetBytes($"OrleansMl.Console/data-protection/{use}")
        );

    private sealed record State(IReadOnlyList<ClusterKey> Keys, CancellationTokenSource Changed);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The cluster's keys could not be read; the console goes on with those that it knows."
    )]
    private partial void LogFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The cluster's keys are no longer read.")]
    private partial void LogStopped();
}
