using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMl.Contracts.Trust.Tls;

/// <summary>
/// A certificate with its private key, read from files and read again when they change. Files are compared by their content
/// before a handshake, at most once a second: mounted secrets change by links that watchers and times don't show. A file that
/// can't be read leaves the last good certificate in use. Thread-safe.
/// </summary>
public sealed class CertificateSource
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly string _certificate;
    private readonly string? _key;
    private readonly string? _password;
    private readonly TimeProvider _time;
    private readonly Action<string> _onProblem;
    private readonly Lock _gate = new();
    private SslStreamCertificateContext _current;
    private byte[] _digest;
    private long _checked;

    /// <summary>Reads the files.</summary>
    /// <param name="certificate">PEM (the certificate first, then intermediates) or PFX.</param>
    /// <param name="key">The private key's PEM; null: it is in <paramref name="certificate"/>.</param>
    /// <param name="password">For a PFX or an encrypted PEM key; null: none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onProblem">Told when a changed file can't be used, and of every change that can.</param>
    /// <exception cref="InvalidInputException">They can't be read; the message names the file and what was expected.</exception>
    public CertificateSource(
        string certificate,
        string? key,
        string? password,
        TimeProvider time,
        Action<string> onProblem
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(certificate);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(onProblem);
        (_certificate, _key, _password) = (certificate, key, password);
        (_time, _onProblem) = (time, onProblem);
        try
        {
            _digest = Digest();
            _current = Load();
        }
        catch (Exception error) when (IsReadError(error))
        {
            throw new InvalidInputException(
                $"The certificate '{certificate}'{(key is null ? "" : $" with the key '{key}'")} can't be used: expected PEM or PFX with a private key: {error.Message}",
                error
            );
        }
        _checked = time.GetTimestamp();
    }

    /// <summary>The certificate as the files have it now.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_checked) >= Period)
                    Refresh();
                return _current;
            }
        }
    }

    private void Refresh()
    {
        _checked = _time.GetTimestamp();
        try
        {
            var digest = Digest();
            if (digest.AsSpan().SequenceEqual(_digest))
                return;
            // Certificate and key are two files: until both are new, they don't fit, and the next look tries again.
            _current = Load();
            _digest = digest;
            var certificate = _current.TargetCertificate;
            _onProblem(
                $"The certificate '{_certificate}' was read again: {certificate.Subject}, valid until {certificate.NotAfter.ToUniversalTime():u}."
            );
        }
        catch (Exception error) when (IsReadError(error))
        {
            _onProblem(
                $"The changed certificate '{_certificate}' can't be used, the one before stays: {error.Message}"
            );
        }
    }

    private byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(_certificate));
        if (_key is not null)
            hash.AppendData(File.ReadAllBytes(_key));
        return hash.GetHashAndReset();
    }

    private SslStreamCertificateContext Load()
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 leaf;
        var bytes = File.ReadAllBytes(_certificate);
        if (X509Certificate2.GetCertContentType(bytes) == X509ContentType.Pfx)
        {
            all = X509CertificateLoader.LoadPkcs12Collection(bytes, _password);
            leaf =
                all.FirstOrDefault(one => one.HasPrivateKey)
                ?? throw new CryptographicException("it has no private key.");
            all.Remove(leaf);
        }
        else
        {
            var pem = File.ReadAllText(_certificate);
            var keyPem = _key is null ? pem : File.ReadAllText(_key);
            leaf = _password is null
                ? X509Certificate2.CreateFromPem(pem, keyPem)
                : X509Certificate2.CreateFromEncryptedPem(pem, keyPem, _password);
            all.ImportFromPem(pem);
            all.RemoveAt(0);
        }
        return SslStreamCertificateContext.Create(leaf, all, offline: true);
    }

    private static bool IsReadError(Exception error) =>
        error
            is IOException
                or UnauthorizedAccessException
                or CryptographicException
                or ArgumentException;
}
