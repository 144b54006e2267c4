using System.Security.Cryptography.X509Certificates;

namespace OrleansMl.Contracts.Trust.Tls;

/// <summary>
/// Judges the other side's certificate: issued by the configured authority, valid now, for this use, and with one of the wanted
/// roles. Names and addresses are not compared: silos come and go, and whoever has a silo's certificate is a silo.
/// </summary>
public sealed class PeerCertificateCheck
{
    private const string OrganizationalUnit = "2.5.4.11";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly string _authorityFile;
    private readonly TimeProvider _time;

    /// <summary>Takes the authority's PEM file, which may hold several during a change of it; it is read at each check.</summary>
    /// <exception cref="InvalidInputException">The file has no certificate.</exception>
    public PeerCertificateCheck(string authorityFile, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(authorityFile);
        ArgumentNullException.ThrowIfNull(time);
        (_authorityFile, _time) = (authorityFile, time);
        _ = ReadAuthority();
    }

    /// <summary>Why the certificate is refused; null: it is good.</summary>
    /// <param name="certificate">The other side's; null: it showed none.</param>
    /// <param name="intermediates">What came with it.</param>
    /// <param name="asServer">Whether the other side is the server of the connection.</param>
    /// <param name="roles">The roles that are taken; none: any.</param>
    public string? Refusal(
        X509Certificate2? certificate,
        X509Certificate2Collection? intermediates,
        bool asServer,
        IReadOnlyList<string> roles
    )
    {
        ArgumentNullException.ThrowIfNull(roles);
        if (certificate is null)
            return "it showed no certificate";
        X509Certificate2Collection authority;
        try
        {
            authority = ReadAuthority();
        }
        catch (InvalidInputException error)
        {
            return error.Message;
        }
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authority);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        policy.ApplicationPolicy.Add(new(asServer ? ServerUse : ClientUse));
        if (intermediates is not null)
            policy.ExtraStore.AddRange(intermediates);
        if (!chain.Build(certificate))
            return $"certificate {certificate.Subject} of {certificate.Issuer}, valid {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}: {string.Join("; ", chain.ChainStatus.Select(status => $"{status.Status} ({status.StatusInformation.Trim()})").Distinct())}";
        if (roles.Count == 0)
            return null;
        var units = Units(certificate);
        return units.Any(roles.Contains)
            ? null
            : $"certificate {certificate.Subject} has the role (OU) '{string.Join(", ", units)}', expected {string.Join(" or ", roles)}";
    }

    private X509Certificate2Collection ReadAuthority()
    {
        var authority = new X509Certificate2Collection();
        try
        {
            authority.ImportFromPemFile(_authorityFile);
        }
        catch (Exception error)
            when (error
                    is IOException
                        or UnauthorizedAccessException
                        or System.Security.Cryptography.CryptographicException
            )
        {
            throw new InvalidInputException(
                $"The authority '{_authorityFile}' can't be read: {error.Message}",
                error
            );
        }
        return authority.Count > 0
            ? authority
            : throw new InvalidInputException(
                $"The authority '{_authorityFile}' has no certificate: expected PEM."
            );
    }

    private static List<string> Units(X509Certificate2 certificate) =>
        [
            .. certificate
                .SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(name =>
                    !name.HasMultipleElements
                    && name.GetSingleElementType().Value == OrganizationalUnit
                )
                .Select(name => name.GetSingleElementValue())
                .OfType<string>(),
        ];
}
