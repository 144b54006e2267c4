using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Trust.Jwt;

namespace OrleansMl.Gateway.Tests.Trust.Jwt;

/// <summary>Tokens of an identity provider on loopback, over HTTP.</summary>
public sealed class JwtTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<TestGateway> StartAsync(
        TestIssuer issuer,
        Action<JwtIssuerOptions>? configure = null,
        TimeProvider? time = null
    )
    {
        cluster.World.Models["jwt-m"] = new ModelSnapshot
        {
            Name = "jwt-m",
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        var options = new JwtIssuerOptions { Authority = issuer.Url, Audiences = ["oml"] };
        configure?.Invoke(options);
        return TestGateway.StartAsync(
            cluster,
            secure: security =>
            {
                security.Jwt.Issuers["corp"] = options;
                security.Jwt.RetrySeconds = 1;
            },
            time: time
        );
    }

    private static async Task<(HttpStatusCode Status, string Challenge, string Body)> AskAsync(
        TestGateway gateway,
        string token,
        string path = "/v2/models/jwt-m"
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await gateway.Http.SendAsync(request, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        return (
            response.StatusCode,
            response.Headers.WwwAuthenticate.ToString(),
            response.IsSuccessStatusCode
                ? body
                : JsonSerializer.Deserialize<ApiError>(body, ContractsJson.Options)!.Error
        );
    }

    private static async Task AssertRefusedAsync(TestGateway gateway, string token, string why)
    {
        var (status, challenge, body) = await AskAsync(gateway, token);
        Assert.True(status == HttpStatusCode.Unauthorized, $"{status}: {body}");
        Assert.Contains(why, body, StringComparison.Ordinal);
        Assert.StartsWith(
            "Bearer realm=\"orleansml\", error=\"invalid_token\"",
            challenge,
            StringComparison.Ordinal
        );
    }

    private static async Task AssertTakenAsync(TestGateway gateway, string token)
    {
        var (status, _, body) = await AskAsync(gateway, token);
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{status}: {body}");
    }

    [Fact]
    public async Task A_good_token_of_rsa_or_ec_is_taken_with_its_roles()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddRsa("r1");
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(issuer);

        await AssertTakenAsync(gateway, issuer.Sign("r1", issuer.Claims()));
        await AssertTakenAsync(
            gateway,
            issuer.Sign("e1", issuer.Claims(("aud", new[] { "other", "oml" })))
        );
        var (status, challenge, body) = await AskAsync(
            gateway,
            issuer.Sign("r1", issuer.Claims()),
            "/api/v1/keys"
        );

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("corp/alice", body, StringComparison.Ordinal);
        Assert.Contains("error=\"insufficient_scope\"", challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_credentials_is_told_how_to_send_them()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(issuer);

        using var response = await gateway.Http.GetAsync("/v2/models/jwt-m", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer realm=\"orleansml\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Wrong_claims_are_refused_each_by_its_reason()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(issuer);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        async Task Refused(string why, params (string, object)[] claims) =>
            await AssertRefusedAsync(gateway, issuer.Sign("e1", issuer.Claims(claims)), why);

        await Refused("expired at", ("exp", now - 100), ("nbf", now - 200));
        await Refused("is valid from", ("nbf", now + 300));
        await Refused("is for 'another'", ("aud", "another"));
        await Refused("issuer (iss)", ("iss", "https://evil.example"));
        await Refused("no text 'sub'", ("sub", ""));
        var endless = issuer.Claims();
        endless.Remove("exp");
        await AssertRefusedAsync(gateway, issuer.Sign("e1", endless), "no expiry");
        var anywhere = issuer.Claims();
        anywhere.Remove("aud");
        await AssertRefusedAsync(gateway, issuer.Sign("e1", anywhere), "token");
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var stranger = await TestIssuer.StartAsync();
        issuer.AddRsa("r1");
        stranger.AddRsa("r1");
        await using var gateway = await StartAsync(issuer);
        var good = issuer.Sign("r1", issuer.Claims());
        await AssertTakenAsync(gateway, good);

        await AssertRefusedAsync(gateway, TestIssuer.Unsigned(issuer.Claims()), "token");
        await AssertRefusedAsync(gateway, good[..(good.LastIndexOf('.') + 1)], "token");
        await AssertRefusedAsync(gateway, issuer.Confused("r1", issuer.Claims(), pem: true), "");
        await AssertRefusedAsync(gateway, issuer.Confused("r1", issuer.Claims(), pem: false), "");
        await AssertRefusedAsync(
            gateway,
            stranger.Sign("r1", issuer.Claims()),
            "signature is wrong"
        );
        var parts = good.Split('.');
        var admin = issuer.Sign("r1", issuer.Claims(("roles", new[] { "admin" }))).Split('.');
        await AssertRefusedAsync(
            gateway,
            $"{parts[0]}.{admin[1]}.{parts[2]}",
            "signature is wrong"
        );
        await AssertRefusedAsync(gateway, "a.b.c", "can't be read");
        await AssertRefusedAsync(gateway, $"{good[..40]}{new string('A', 20_000)}.b.c", "the most");
    }

    [Fact]
    public async Task Headers_lead_nowhere_and_other_kinds_of_tokens_are_refused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var stranger = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        stranger.AddEc("s1");
        await using var gateway = await StartAsync(issuer);
        await AssertTakenAsync(gateway, issuer.Sign("e1", issuer.Claims()));

        await AssertRefusedAsync(
            gateway,
            stranger.Sign(
                "s1",
                issuer.Claims(),
                ("jku", $"{stranger.Url}/keys"),
                ("x5u", $"{stranger.Url}/keys")
            ),
            "does not publish"
        );
        await AssertRefusedAsync(
            gateway,
            stranger.Sign("s1", issuer.Claims(), ("kid", "../../etc/passwd")),
            "does not publish"
        );
        await AssertRefusedAsync(
            gateway,
            issuer.Sign("e1", issuer.Claims(), ("typ", "logout+jwt")),
            "logout+jwt"
        );
        await AssertRefusedAsync(
            gateway,
            issuer.Sign("e1", issuer.Claims(), ("crit", new[] { "b64" })),
            "crit"
        );

        Assert.Empty(stranger.Asked);
    }

    [Fact]
    public async Task A_new_key_is_found_by_its_first_token_and_a_removed_one_ends()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await StartAsync(issuer, time: time);
        var old = issuer.Sign("e1", issuer.Claims());
        await AssertTakenAsync(gateway, old);

        issuer.AddEc("e2");
        var young = issuer.Sign("e2", issuer.Claims());
        time.Advance(TimeSpan.FromSeconds(2));
        await AssertTakenAsync(gateway, young);

        issuer.Remove("e1");
        time.Advance(TimeSpan.FromSeconds(2));
        // An unknown key makes the gateway read again, as its timer does.
        issuer.AddEc("e3");
        await AssertTakenAsync(gateway, issuer.Sign("e3", issuer.Claims()));
        await AssertRefusedAsync(gateway, old, "does not publish");
        await AssertTakenAsync(gateway, young);
    }

    [Fact]
    public async Task Unknown_keys_do_not_make_the_gateway_ask_all_the_time()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var stranger = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        stranger.AddEc("s1");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await StartAsync(issuer, time: time);
        await AssertTakenAsync(gateway, issuer.Sign("e1", issuer.Claims()));
        var before = issuer.Reads;

        for (var i = 0; i < 20; i++)
            await AssertRefusedAsync(
                gateway,
                stranger.Sign("s1", issuer.Claims(("jti", $"{i}"))),
                "does not publish"
            );

        Assert.True(issuer.Reads - before <= 1, $"{issuer.Reads - before} readings");
    }

    [Fact]
    public async Task Keys_that_can_not_be_read_are_believed_for_a_while_and_then_503()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await StartAsync(issuer, time: time);
        var token = issuer.Sign(
            "e1",
            issuer.Claims(("exp", time.GetUtcNow().AddHours(9).ToUnixTimeSeconds()))
        );
        await AssertTakenAsync(gateway, token);

        issuer.Down = true;
        time.Advance(TimeSpan.FromMinutes(30));
        await AssertTakenAsync(gateway, token);
        time.Advance(TimeSpan.FromMinutes(60));
        var (status, _, _) = await AskAsync(gateway, token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
    }

    [Fact]
    public async Task An_issuer_that_describes_another_or_sends_elsewhere_is_not_believed()
    {
        foreach (
            var change in new Action<TestIssuer>[]
            {
                issuer => issuer.ClaimedIssuer = "https://evil.example",
                issuer => issuer.ClaimedKeys = "http://evil.example/keys",
                issuer => issuer.ClaimedKeys = "file:///etc/passwd",
            }
        )
        {
            await using var issuer = await TestIssuer.StartAsync();
            issuer.AddEc("e1");
            change(issuer);
            await using var gateway = await StartAsync(issuer);

            var (status, _, _) = await AskAsync(gateway, issuer.Sign("e1", issuer.Claims()));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        }
    }

    [Fact]
    public async Task Weak_keys_and_shared_secrets_are_no_keys()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddRsa("weak", 1024);
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(issuer);

        await AssertTakenAsync(gateway, issuer.Sign("e1", issuer.Claims()));
        await AssertRefusedAsync(gateway, issuer.Sign("weak", issuer.Claims()), "does not publish");
        Assert.Throws<InvalidDataException>(() =>
            IssuerKeyReader.Read("""{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"s"}]}""")
        );
        Assert.Throws<InvalidDataException>(() => IssuerKeyReader.Read("no JSON"));
    }

    [Fact]
    public async Task Claims_become_roles_and_models_as_configured()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(
            issuer,
            options =>
            {
                options.RoleClaim = "realm_access.roles";
                options.Roles["ml-ops"] = "operator";
                options.ModelsClaim = "models";
                options.Models = ["jwt-*"];
                options.NameClaim = "preferred_username";
            }
        );
        var groups = new Dictionary<string, object> { ["roles"] = new[] { "ml-ops", "admin" } };

        string Sign(object? models) =>
            issuer.Sign(
                "e1",
                issuer.Claims([
                    ("realm_access", groups),
                    ("preferred_username", "bob\u0007"),
                    .. models is null ? [] : new (string, object)[] { ("models", models) },
                ])
            );

        var (allowed, _, _) = await AskAsync(gateway, Sign("jwt-m x"), "/api/v1/models/jwt-m");
        var (unmapped, _, body) = await AskAsync(gateway, Sign("jwt-m"), "/api/v1/keys");
        var (beyond, _, _) = await AskAsync(gateway, Sign("*"), "/api/v1/models/jwt-m");
        var (none, _, _) = await AskAsync(gateway, Sign(null), "/api/v1/models/jwt-m");

        Assert.Equal(HttpStatusCode.OK, allowed);
        Assert.Equal(HttpStatusCode.Forbidden, unmapped);
        Assert.Contains("corp/bob?", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, beyond);
        Assert.Equal(HttpStatusCode.Forbidden, none);
    }

    [Fact]
    public async Task Keys_come_from_a_file_too_beside_api_keys_and_a_second_issuer()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var second = await TestIssuer.StartAsync();
        issuer.AddRsa("r1");
        second.AddEc("e1");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, issuer.KeySet(), Token);
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            secure: security =>
            {
                security.Jwt.Issuers["file"] = new JwtIssuerOptions
                {
                    KeysFile = file,
                    Issuer = issuer.Url,
                    Audiences = ["oml"],
                };
                security.Jwt.Issuers["second"] = new JwtIssuerOptions
                {
                    Authority = second.Url,
                    Audiences = ["oml"],
                };
            }
        );

        await AssertTakenAsync(gateway, issuer.Sign("r1", issuer.Claims()));
        await AssertTakenAsync(gateway, second.Sign("e1", second.Claims()));
        // One issuer's key is none of the other's.
        await AssertRefusedAsync(gateway, second.Sign("e1", issuer.Claims()), "does not publish");
        Assert.Empty(issuer.Asked);
        File.Delete(file);
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    public void Algorithms_that_anybody_can_sign_by_are_no_option(string algorithm)
    {
        var options = new JwtIssuerOptions
        {
            Authority = "https://idp.example",
            Audiences = ["oml"],
            Algorithms = [algorithm],
        };

        Assert.Contains(
            algorithm,
            Assert.Single(options.Problems("corp")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_issuer_needs_an_audience_and_an_address_that_nobody_on_the_way_can_change()
    {
        var options = new JwtIssuerOptions { Authority = "http://idp.example" };

        var problems = string.Join('\n', options.Problems("Corp!"));

        Assert.Contains("Audiences", problems, StringComparison.Ordinal);
        Assert.Contains("https", problems, StringComparison.Ordinal);
        Assert.Contains("Corp!", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_by_token_gets_a_cluster_token_that_permits_no_more()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        await using var gateway = await StartAsync(issuer);
        gateway.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            issuer.Sign("e1", issuer.Claims(("roles", "trainer")))
        );

        var whole = await gateway.SendAsync<ClusterTokenAnswer>(
            HttpMethod.Post,
            "/api/v1/cluster-tokens",
            TestGateway.Json("{}"),
            201
        );
        var part = await gateway.SendAsync<ClusterTokenAnswer>(
            HttpMethod.Post,
            "/api/v1/cluster-tokens",
            TestGateway.Json("""{"roles":["predictor"],"models":["m-*"],"lifetimeSeconds":60}"""),
            201
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/cluster-tokens",
            TestGateway.Json("""{"roles":["admin"]}"""),
            403,
            "forbidden"
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/cluster-tokens",
            TestGateway.Json("""{"lifetimeSeconds":100000}"""),
            400,
            "invalid_request"
        );
        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/api/v1/cluster-tokens/key/rotate",
            null,
            403,
            "forbidden"
        );

        Assert.Equal("corp/alice", whole.Subject);
        Assert.Equal("read, predict, train", whole.Permissions);
        Assert.Equal("predict", part.Permissions);
        Assert.Equal(["m-*"], part.Models);
        Assert.Equal(60, part.ExpiresInSeconds);
    }
}
