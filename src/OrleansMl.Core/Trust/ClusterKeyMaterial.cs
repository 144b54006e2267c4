using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Core.Trust;

/// <summary>
/// What follows from one of the cluster's secrets: the silos' proof and a P-256 key pair, each by HKDF with a name of its own, so
/// that neither tells of the other. Immutable; thread-safe.
/// </summary>
public sealed class ClusterKeyMaterial
{
    private const int ScalarBytes = 32;

    // 128 bits more than the group's order: what is left of them modulo it is as good as uniform.
    private const int WideBytes = 48;

    private static readonly BigInteger Order = BigInteger.Parse(
        "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture
    );

    private readonly ECParameters _pair;

    /// <summary>Derives it.</summary>
    public ClusterKeyMaterial(ClusterKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Id = key.Id;
        CreatedAt = key.CreatedAt;
        Proof = $"{key.Id}.{Convert.ToBase64String(Derive(key, "oml silo proof 1", ScalarBytes))}";
        var scalar =
            new BigInteger(
                Derive(key, "oml cluster token 1", WideBytes),
                isUnsigned: true,
                isBigEndian: true
            ) % (Order - 1)
            + 1;
        var bytes = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        var padded = new byte[ScalarBytes];
        bytes.CopyTo(padded, ScalarBytes - bytes.Length);
        using var pair = ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = padded }
        );
        _pair = pair.ExportParameters(includePrivateParameters: true);
    }

    /// <summary>The key's id.</summary>
    public string Id { get; }

    /// <summary>When the key was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>What a silo shows to the others.</summary>
    public string Proof { get; }

    /// <summary>Signs by ES256: 64 bytes, r and s.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        using var pair = ECDsa.Create(_pair);
        return pair.SignData(data, HashAlgorithmName.SHA256);
    }

    /// <summary>Whether the signature is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var pair = ECDsa.Create(new ECParameters { Curve = _pair.Curve, Q = _pair.Q });
        return pair.VerifyData(data, signature, HashAlgorithmName.SHA256);
    }

    private static byte[] Derive(ClusterKey key, string name, int bytes) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            key.Secret.ToArray(),
            bytes,
            salt: null,
            Encoding.UTF8.GetBytes(name)
        );
}
