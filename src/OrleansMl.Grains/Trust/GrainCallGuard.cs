using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Invocation;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Trust;

/// <summary>
/// Judges every call of a grain or system target on this silo. One that shows a silo's proof passes. Any other is a client's,
/// whatever sender it names, because a client's messages name their sender themselves: it needs a token that permits the
/// method. What declares nothing is closed.
/// </summary>
internal sealed partial class GrainCallGuard(
    ClusterKeyRing keys,
    ClusterTokens tokens,
    IAuditLog audit,
    IOptions<ClusterOptions> cluster,
    ILogger<GrainCallGuard> logger
) : IIncomingGrainCallFilter
{
    // Without the cluster's manifest (addresses of silos, names of grain types) no client of Orleans can connect.
    private const string Manifest = "Orleans.Runtime.IClusterManifestSystemTarget";
    private const string Cancellation = "Orleans.Runtime.IGrainCallCancellationExtension";
    private const string CancellationSources = "Orleans.Runtime.ICancellationSourcesExtension";

    private static readonly ClientAccessAttribute Closed = new(Permission.None);
    private readonly ConcurrentDictionary<MethodInfo, ClientAccessAttribute> _access = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (keys.IsProof(RequestContext.Get(GrainCallHeaders.Proof)))
            return context.Invoke();
        // A tick of the grain's own timer: an object of this process, which no message can bring.
        if (ReferenceEquals(context.Request.GetTarget(), context.Request))
            return context.Invoke();
        return CheckAsync(context);
    }

    /// <summary>What a method needs.</summary>
    internal static ClientAccessAttribute AccessOf(MethodInfo method) =>
        method.GetCustomAttribute<ClientAccessAttribute>()
        ?? method.DeclaringType?.GetCustomAttribute<ClientAccessAttribute>()
        ?? Closed;

    private async Task CheckAsync(IIncomingGrainCallContext context)
    {
        var target = context.Request.GetInterfaceType();
        if (target.FullName == Manifest)
        {
            await context.Invoke();
            return;
        }
        var token = Verify(context);
        var name = token.Claims.Subject;
        // The grain's own calls need none.
        RequestContext.Remove(GrainCallHeaders.Token);
        if (IsUpkeep(target, context.Request))
        {
            await context.Invoke();
            return;
        }
        var asked = Asked(target, context.Request);
        var access = asked?.GetMethod() is { } method ? _access.GetOrAdd(method, AccessOf) : Closed;
        var refusal = Refusal(token, access, asked, context.TargetId);
        if (access.Action is not { } action)
        {
            if (refusal is not null)
                throw Refused(context, refusal);
            await context.Invoke();
            return;
        }
        await RecordAsync(
            context,
            new AuditEntry(
                name,
                action,
                $"{access.Kind}/{context.TargetId.Key}",
                AuditOutcome.Asked,
                $"{asked!.GetInterfaceName()}.{asked.GetMethodName()}",
                context.SourceId?.ToString() ?? "",
                Guid.NewGuid().ToString("N")
            ),
            refusal
        );
    }

    private VerifiedToken Verify(IIncomingGrainCallContext context)
    {
        if (RequestContext.Get(GrainCallHeaders.Token) is not string text)
            throw Refused(
                context,
                $"Calls of {context.InterfaceName}.{context.MethodName} from outside the silos need a token: ask for one by POST /api/v1/cluster-tokens, and give the client UseOrleansMlToken(…)."
            );
        try
        {
            return tokens.Verify(text, cluster.Value.ClusterId);
        }
        catch (AccessRefusedException error)
        {
            throw Refused(context, error.Message);
        }
    }

    // To go on with an enumeration or to end a call takes its id, which its caller alone knows; what began it was judged.
    private static bool IsUpkeep(Type target, IInvokable request) =>
        target.FullName is Cancellation or CancellationSources
        || (
            target == typeof(IAsyncEnumerableGrainExtension)
            && request.GetMethodName()
                is nameof(IAsyncEnumerableGrainExtension.MoveNext)
                    or nameof(IAsyncEnumerableGrainExtension.DisposeAsync)
        );

    // An enumeration begins by a call that carries the call it is about.
    private static IInvokable? Asked(Type target, IInvokable request)
    {
        if (target != typeof(IAsyncEnumerableGrainExtension))
            return request;
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            if (request.GetArgument(i) is IInvokable inner)
                return inner;
        }
        return null;
    }

    private static string? Refusal(
        VerifiedToken token,
        ClientAccessAttribute access,
        IInvokable? asked,
        GrainId target
    )
    {
        var name = token.Claims.Subject;
        var what = asked is null
            ? "this call"
            : $"{asked.GetInterfaceName()}.{asked.GetMethodName()}";
        if (access.Any == Permission.None)
            return $"{what} is closed to clients: use the gateway's HTTP or gRPC.";
        if ((token.Claims.Permissions & access.Any) == Permission.None)
            return $"'{name}' may not call {what}: it takes one of the roles {RolePermissions.RolesWith(access.Any)}.";
        if (token.Models.All || access.Scope == ClientScope.None)
            return null;
        if (access.Scope == ClientScope.All)
            return $"'{name}' is limited to the models {token.Models}, and {what} may tell of any: it takes a token for all models.";
        var key = target.Key.ToString().AsSpan();
        var at = key.IndexOf('@');
        return token.Models.Permit(at < 0 ? key : key[..at])
            ? null
            : $"'{name}' may not use model '{key}', only {token.Models}.";
    }

    private async Task RecordAsync(
        IIncomingGrainCallContext context,
        AuditEntry entry,
        string? refusal
    )
    {
        if (refusal is not null)
        {
            await FinishAsync(entry, AuditOutcome.Refused, refusal);
            throw Refused(context, refusal);
        }
        await audit.RecordAsync(entry, CancellationToken.None);
        var notes = ChangeNotes.Begin(entry.Actor);
        try
        {
            await context.Invoke();
        }
        catch (Exception error)
        {
            var isRefusal =
                error is InvalidInputException or NotFoundException or ConflictException;
            await FinishAsync(
                entry,
                isRefusal ? AuditOutcome.Refused : AuditOutcome.Failed,
                $"{error.GetType().Name}: {error.Message}"
            );
            throw;
        }
        await FinishAsync(
            entry,
            AuditOutcome.Done,
            notes.Text.Length > 0 ? notes.Text : entry.Detail
        );
    }

    private async Task FinishAsync(AuditEntry entry, AuditOutcome outcome, string detail)
    {
        try
        {
            await audit.RecordAsync(
                entry with
                {
                    Outcome = outcome,
                    Detail = detail,
                },
                CancellationToken.None
            );
        }
        catch (Exception error)
        {
            // The change stands, or was refused: the log keeps "asked".
            LogUnfinished(entry.Action, entry.Subject, outcome, error);
        }
    }

    private AccessRefusedException Refused(IIncomingGrainCallContext context, string reason)
    {
        GrainTelemetry.GrainCallsRefused.Add(1);
        LogRefused(context.InterfaceName, context.MethodName, context.SourceId?.ToString(), reason);
        return new AccessRefusedException(reason);
    }

    // At a level that strangers can't fill a log by; the metric says that it happens.
    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "A call of {Interface}.{Method} that names {Source} as its sender was refused: {Reason}"
    )]
    private partial void LogRefused(
        string @interface,
        string method,
        string? source,
        string reason
    );

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit log could not take how a client's call ended: {Action} on {Subject} was {Outcome}."
    )]
    private partial void LogUnfinished(
        string action,
        string subject,
        AuditOutcome outcome,
        Exception error
    );
}
