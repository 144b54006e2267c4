using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.Tests.Trust.Jwt;

/// <summary>An identity provider on loopback: discovery, keys, and tokens of any shape, good or bad. It counts what it is asked.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, AsymmetricAlgorithm> _keys = [];
    private int _reads;

    private TestIssuer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>What discovery says it is; null: its address.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>What discovery says of its keys' address; null: its own.</summary>
    public string? ClaimedKeys { get; set; }

    public bool Down { get; set; }

    /// <summary>How often keys were read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Every path that was asked for.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public void AddRsa(string id, int bits = 2048) => _keys[id] = RSA.Create(bits);

    public void AddEc(string id) => _keys[id] = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Remove(string id) => _keys.Remove(id);

    public Dictionary<string, object> Claims(params (string Name, object Value)[] more)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Url,
            ["aud"] = "oml",
            ["sub"] = "alice",
            ["roles"] = new[] { "predictor" },
            ["exp"] = now + 600,
            ["nbf"] = now - 1,
        };
        foreach (var (name, value) in more)
            claims[name] = value;
        return claims;
    }

    /// <summary>A token signed by a key of this issuer.</summary>
    public string Sign(
        string key,
        Dictionary<string, object> claims,
        params (string Name, object Value)[] head
    )
    {
        var algorithm = _keys[key];
        var header = new Dictionary<string, object>
        {
            ["alg"] = algorithm is RSA ? "RS256" : "ES256",
            ["typ"] = "JWT",
            ["kid"] = key,
        };
        foreach (var (name, value) in head)
            header[name] = value;
        var text = Text(header, claims);
        var data = Encoding.ASCII.GetBytes(text);
        var signature = algorithm switch
        {
            RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            ECDsa ec => ec.SignData(data, HashAlgorithmName.SHA256),
            _ => throw new InvalidOperationException(algorithm.ToString()),
        };
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>A token that says alg none.</summary>
    public static string Unsigned(Dictionary<string, object> claims) =>
        Text(new Dictionary<string, object> { ["alg"] = "none", ["typ"] = "JWT" }, claims) + ".";

    /// <summary>The classic confusion: HMAC with the public key's bytes as the secret.</summary>
    public string Confused(string key, Dictionary<string, object> claims, bool pem)
    {
        var rsa = (RSA)_keys[key];
        var text = Text(
            new Dictionary<string, object>
            {
                ["alg"] = "HS256",
                ["typ"] = "JWT",
                ["kid"] = key,
            },
            claims
        );
        var secret = pem
            ? Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem())
            : rsa.ExportSubjectPublicKeyInfo();
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}";
    }

    public string KeySet() =>
        JsonSerializer.Serialize(
            new
            {
                keys = _keys.Select(
                    object (key) =>
                        key.Value switch
                        {
                            RSA rsa => new
                            {
                                kty = "RSA",
                                use = "sig",
                                kid = key.Key,
                                n = Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus),
                                e = Base64Url.EncodeToString(rsa.ExportParameters(false).Exponent),
                            },
                            ECDsa ec => new
                            {
                                kty = "EC",
                                use = "sig",
                                crv = "P-256",
                                kid = key.Key,
                                x = Base64Url.EncodeToString(ec.ExportParameters(false).Q.X),
                                y = Base64Url.EncodeToString(ec.ExportParameters(false).Q.Y),
                            },
                            _ => throw new InvalidOperationException(),
                        }
                ),
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue(context.Request.Path);
        if (Down)
        {
            context.Response.StatusCode = 500;
            return;
        }
        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            await context.Response.WriteAsJsonAsync(
                new { issuer = ClaimedIssuer ?? Url, jwks_uri = ClaimedKeys ?? $"{Url}/keys" },
                context.RequestAborted
            );
        }
        else if (context.Request.Path == "/keys")
        {
            Interlocked.Increment(ref _reads);
            await context.Response.WriteAsync(KeySet(), context.RequestAborted);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private static string Text(
        Dictionary<string, object> header,
        Dictionary<string, object> claims
    ) =>
        $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
}
