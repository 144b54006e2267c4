using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>Tokens for Orleans clients, and the rotation of the key that signs them.</summary>
internal static class ClusterTokenEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/v1/cluster-tokens").WithTags("Trust");
        // Nothing changes, and apps ask every few minutes: the log of changes would be a log of tokens.
        tokens
            .MapPost("/", IssueAsync)
            .Needs(RolePermissions.All)
            .NotAudited()
            .WithSummary("Issue a token with which an Orleans client calls grains")
            .Accepts<ClusterTokenRequest>("application/json")
            .Produces<ClusterTokenAnswer>(StatusCodes.Status201Created);
        tokens
            .MapPost("/key/rotate", RotateAsync)
            .Needs(Permission.Administer)
            .Audited("cluster.key.rotate", "cluster-key")
            .WithSummary("Replace the key that signs tokens of Orleans clients")
            .Produces<ClusterKeyAnswer>();
    }

    private static async Task<IResult> IssueAsync(
        ClusterTokens tokens,
        ClusterKeyRing keys,
        ClusterKeyRotation rotation,
        IOptions<ClusterTokenOptions> options,
        IOptions<GatewayOptions> gateway,
        IOptions<ClusterOptions> cluster,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<ClusterTokenRequest>(
            context,
            gateway.Value.MaxBodyBytes
        );
        var caller = Caller.Of(context);
        var lifetime = request.LifetimeSeconds ?? options.Value.LifetimeSeconds;
        if (
            !(lifetime >= ClusterTokens.MinLifetimeSeconds)
            || lifetime > options.Value.LifetimeSeconds
        )
            throw RequestException.Invalid(
                $"lifetimeSeconds: expected {ClusterTokens.MinLifetimeSeconds} to {options.Value.LifetimeSeconds}, got {lifetime}."
            );
        if (!keys.IsLoaded)
            await rotation.RefreshAsync(context.RequestAborted);
        var (token, claims) = tokens.Issue(
            new ClusterTokenClaims
            {
                Cluster = cluster.Value.ClusterId,
                Key = "",
                Subject = caller.Id,
                ApiKey = caller.KeyId,
                Permissions = Permissions(request.Roles, caller),
                Models = Models(request.Models, caller),
                IssuedMs = 0,
                ExpiresMs = 0,
            },
            TimeSpan.FromSeconds(lifetime)
        );
        context.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.Of(
            new ClusterTokenAnswer
            {
                Token = token,
                Subject = claims.Subject,
                Permissions = claims.Permissions.ToString().ToLowerInvariant(),
                Models = claims.Models,
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(claims.ExpiresMs),
                ExpiresInSeconds = lifetime,
            },
            StatusCodes.Status201Created
        );
    }

    private static async Task<IResult> RotateAsync(ClusterKeyRotation rotation, HttpContext context)
    {
        var made = await rotation.RotateAsync(context.RequestAborted);
        AuditTrail.Note(
            context,
            $"new key {made.Id}, signs from {made.SignsFrom:O}",
            $"cluster-key/{made.Id}"
        );
        return JsonAnswer.Of(made);
    }

    private static Permission Permissions(IReadOnlyList<AccessRole>? roles, Caller caller)
    {
        if (roles is null)
            return caller.Permissions;
        if (roles.Count == 0 || !roles.All(Enum.IsDefined))
            throw RequestException.Invalid(
                $"roles: expected one or more of {string.Join(", ", Enum.GetNames<AccessRole>()).ToLowerInvariant()}, got '{string.Join(", ", roles)}'."
            );
        var asked = RolePermissions.Of(roles);
        return (asked & ~caller.Permissions) == Permission.None
            ? asked
            : throw RequestException.TooLittle(
                $"'{caller.Id}' may {caller.Permissions.ToString().ToLowerInvariant()}, and asks for a token that may {asked.ToString().ToLowerInvariant()}."
            );
    }

    private static IReadOnlyList<string> Models(IReadOnlyList<string>? models, Caller caller)
    {
        if (models is null)
            return caller.Models.Patterns;
        var problems = ModelPatterns.Problems(models).ToList();
        if (problems.Count > 0)
            throw RequestException.Invalid(string.Join(' ', problems));
        return models.FirstOrDefault(model => !caller.Models.Include(model)) is { } beyond
            ? throw caller.RefuseModel(beyond)
            : models;
    }
}
