using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Trust.Jwt;

namespace OrleansMl.Gateway.Tests.Trust.Jwt;

/// <summary>What callers by tokens may use.</summary>
public sealed class JwtLimitTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<HttpResponseMessage> AskAsync(TestGateway gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/usage");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await gateway.Http.SendAsync(request, Token);
    }

    [Fact]
    public async Task All_tokens_of_a_subject_share_the_default_limits_and_other_subjects_have_their_own()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.AddEc("e1");
        // Two requests a day: no third comes back while the test runs, however slow the machine is.
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            secure: security =>
                security.Jwt.Issuers["corp"] = new JwtIssuerOptions
                {
                    Authority = issuer.Url,
                    Audiences = ["oml"],
                },
            limit: limits => limits.DefaultRequestsPerDay = 2
        );
        var subject = $"ann-{Guid.NewGuid():N}";
        string Sign(string name, string id) =>
            issuer.Sign(
                "e1",
                issuer.Claims(("sub", name), ("jti", id), ("roles", new[] { "operator" }))
            );

        foreach (var id in new[] { "1", "2" })
        {
            using var taken = await AskAsync(gateway, Sign(subject, id));
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }
        using var refused = await AskAsync(gateway, Sign(subject, "3"));
        using var other = await AskAsync(gateway, Sign($"{subject}-other", "1"));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        var text = await other.Content.ReadAsStringAsync(Token);
        var usage = JsonSerializer.Deserialize<UsageAnswer>(text, ContractsJson.Options)!;
        Assert.Equal($"corp/{subject}-other", usage.Subject);
        Assert.True(usage.IsDefault);
        Assert.Equal(2, usage.Limits!.RequestsPerDay);
    }
}
