using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMl.Contracts.Tests.Trust;

/// <summary>A private authority of a test, with its files.</summary>
internal sealed class Authority : IDisposable
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-ca-").FullName;
    private byte _serial;

    public Authority()
    {
        var request = new CertificateRequest(
            $"CN=authority {Guid.NewGuid():N}",
            _key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(true, false, 0, critical: true)
        );
        _certificate = request.CreateSelfSigned(Start, Start.AddYears(100));
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
    }

    public string CertificateFile => Path.Combine(_folder, "ca.crt");

    /// <summary>Issues a certificate; its file, with the key in it.</summary>
    public string Issue(
        string role,
        string name = "one",
        string[]? uses = null,
        DateTimeOffset? until = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            $"O=test,OU={role},CN={name}",
            key,
            HashAlgorithmName.SHA256
        );
        var oids = new OidCollection();
        foreach (var use in uses ?? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"])
            oids.Add(new Oid(use));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical: false));
        using var issued = request.Create(
            _certificate,
            Start,
            until ?? Start.AddYears(50),
            [++_serial]
        );
        var path = Path.Combine(_folder, $"{name}.pem");
        File.WriteAllText(
            path,
            issued.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem()
        );
        return path;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
