using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Charges a read request's rows to its caller, and rows and the request to its model.</summary>
internal sealed class RequestLimits(
    LimitRegistry registry,
    ModelSignatures signatures,
    LimitMetrics metrics
)
{
    /// <summary>Charges a request; at once where neither caller nor model has limits.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its model.</param>
    /// <param name="request">What was read.</param>
    /// <param name="bytes">Of its body; below 0: those of its tensors.</param>
    public ValueTask ChargeAsync(
        HttpContext context,
        InferenceRoute route,
        InferenceRequest request,
        long bytes
    )
    {
        var caller = Caller.Of(context).Limits;
        var model = route.Snapshot.Serving.Policy.Limits;
        return caller is null && model is null
            ? default
            : ChargeAsync(context, caller, route, request, bytes);
    }

    /// <summary>Charges a message of a stream: it counts as a request.</summary>
    public ValueTask ChargeMessageAsync(HttpContext context) =>
        Caller.Of(context).Limits is { } caller
            ? AdmitAsync(caller, 0, context.RequestAborted)
            : default;

    private async ValueTask ChargeAsync(
        HttpContext context,
        LimitedSubject? caller,
        InferenceRoute route,
        InferenceRequest request,
        long bytes
    )
    {
        var rows = RowsOf(
            await signatures.GetAsync(route.Version, context.RequestAborted),
            request
        );
        if (bytes < 0)
            bytes = BytesOf(request);
        if (caller is not null)
        {
            // A body whose length was told beforehand was charged before it was read.
            if (context.Request.ContentLength is null)
                caller.Charge(bytes);
            await AdmitRowsAsync(caller, rows, context.RequestAborted);
        }
        var model = registry.OfModel(
            route.Call.Model,
            route.Snapshot.Serving.Policy.Limits,
            route.Snapshot.Serving.Revision
        );
        if (model is null)
            return;
        await AdmitAsync(model, bytes, context.RequestAborted);
        await AdmitRowsAsync(model, rows, context.RequestAborted);
    }

    private async ValueTask AdmitAsync(
        LimitedSubject subject,
        long bytes,
        CancellationToken cancellationToken
    )
    {
        var verdict = await registry.AdmitAsync(subject, bytes, cancellationToken);
        if (!verdict.IsAdmitted)
            throw LimitRefusals.Of(subject, verdict, metrics);
    }

    private async ValueTask AdmitRowsAsync(
        LimitedSubject subject,
        long rows,
        CancellationToken cancellationToken
    )
    {
        var verdict = await registry.AdmitRowsAsync(subject, rows, cancellationToken);
        if (!verdict.IsAdmitted)
            throw LimitRefusals.Of(subject, verdict, metrics);
    }

    // The batch dimension's length where the model has one.
    private static long RowsOf(ModelSignature signature, InferenceRequest request)
    {
        var rows = 1L;
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var tensor = request.Inputs[i];
            if (tensor.Shape.Count == 0 || tensor.Shape[0] <= rows)
                continue;
            for (var j = 0; j < signature.Inputs.Count; j++)
            {
                var declared = signature.Inputs[j];
                if (declared.Name == tensor.Name && declared.Shape is [< 0, ..])
                    rows = tensor.Shape[0];
            }
        }
        return rows;
    }

    private static long BytesOf(InferenceRequest request)
    {
        var bytes = 0L;
        for (var i = 0; i < request.Inputs.Count; i++)
            bytes += request.Inputs[i].Data.Length;
        return bytes;
    }
}
