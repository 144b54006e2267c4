using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Serving.Limits;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving;

/// <summary>From a body to an answer: route, read, run, write.</summary>
internal sealed class InferenceService(
    ModelInvoker invoker,
    ModelSignatures signatures,
    IModelPredictor predictor,
    ServingMetrics metrics,
    RequestLimits limits
)
{
    private const string Json = "application/json";
    private const string KeyHeader = "X-Request-Key";
    private const string PredictionHeader = "X-Prediction-Id";
    private const string CacheHeader = "X-Cache";
    private const int MaxKeyLength = 200;

    // A body of this size is parsed in half a millisecond at most: for more, the socket's thread is not held.
    private const int QuickBytes = 256 * 1024;

    /// <summary>Answers a request of the Open Inference Protocol.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reference">A version or alias; empty: the model's traffic decides.</param>
    /// <param name="head">Bytes of JSON at the body's beginning; null: all of it is JSON; 0: none is.</param>
    /// <param name="limit">The most bytes of the body.</param>
    /// <param name="context">The request.</param>
    public async Task InferAsync(
        string model,
        string reference,
        int? head,
        long limit,
        HttpContext context
    )
    {
        var memory = new TensorMemory();
        ParsedInferenceRequest? parsed = null;
        InferenceResponse response;
        IReadOnlyList<string> labels;
        var isRunning = false;
        try
        {
            var body = await InferenceBody.ReadAsync(context, head ?? 0, limit, memory);
            if (body.Length > QuickBytes)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            if (head > body.Length)
                throw new InvalidInputException(
                    $"{InferenceAnswer.HeaderLength}: expected 0 to {body.Length}, the length of the body, got {head}."
                );
            var json = body[..(head ?? body.Length)];
            if (head != 0)
                parsed = InferenceRequestReader.Read(json.Span, body[json.Length..], memory);
            var route = await RouteAsync(model, reference, context);
            var version = route.Version;
            parsed ??= RawInferenceRequest.Make(
                body,
                await signatures.GetAsync(version, context.RequestAborted),
                memory
            );
            // Few requests leave values out; the others need no signature here.
            if (parsed.Missing.Count > 0)
                TensorElements.CheckMissing(
                    await signatures.GetAsync(version, context.RequestAborted),
                    parsed.Missing
                );
            labels = await LabelsAsync(version, parsed.Outputs, context.RequestAborted);
            await limits.ChargeAsync(context, route, parsed.Request, body.Length);
            isRunning = true;
            response = await InvokeAsync(route, parsed.Request, context.RequestAborted);
            Name(route, parsed.Request, response, context);
            // Who began a sequence before its model moved on has the labels of its version.
            if (response.Version != version.Version)
                labels = await LabelsAsync(
                    new ModelVersionId(version.Name, response.Version),
                    parsed.Outputs,
                    context.RequestAborted
                );
        }
        // What was refused nobody reads any more. Of a request that was given up a batch may still read: its memory is left to the
        // collector.
        catch (Exception error) when (!isRunning || IsRefusal(error))
        {
            memory.Release();
            throw;
        }
        memory.Release();
        await InferenceAnswer.SendAsync(context, response, parsed, labels);
    }

    /// <summary>Whether a request failed so that no run has its tensors any more.</summary>
    public static bool IsRefusal(Exception error) =>
        error
            is InvalidInputException
                or NotFoundException
                or OverloadedException
                or RequestException;

    /// <summary>Answers a request that was read elsewhere.</summary>
    /// <returns>The answer, with outputs as classes where they are asked so; the caller releases it.</returns>
    public async ValueTask<InferenceResponse> InferAsync(
        string model,
        string reference,
        InferenceRequest request,
        IReadOnlyList<RequestedOutput> outputs,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var route = await RouteAsync(model, reference, context);
        var labels = await LabelsAsync(route.Version, outputs, cancellationToken);
        await limits.ChargeAsync(context, route, request, bytes: -1);
        var response = await InvokeAsync(route, request, cancellationToken);
        if (response.Version != route.Version.Version)
            labels = await LabelsAsync(
                new ModelVersionId(route.Version.Name, response.Version),
                outputs,
                cancellationToken
            );
        return outputs.Any(output => output.Classes > 0)
            ? response with
            {
                Outputs =
                [
                    .. response.Outputs.Select(tensor =>
                        outputs.FirstOrDefault(output => output.Name == tensor.Name).Classes
                            is > 0
                                and var classes
                            ? BestClasses.Of(tensor, classes, labels)
                            : tensor
                    ),
                ],
            }
            : response;
    }

    public async Task PredictAsync(
        string model,
        string reference,
        ReadOnlyMemory<byte> body,
        int maxInstances,
        HttpContext context
    )
    {
        var route = await RouteAsync(model, reference, context);
        var signature = await signatures.GetAsync(route.Version, context.RequestAborted);
        var inputs = InstanceReader.Read(body, signature, maxInstances, out var explain);
        var request = new InferenceRequest
        {
            Inputs = inputs,
            Parameters = explain is null
                ? InferenceParameters.None
                : new InferenceParameters { Explain = explain },
        };
        await limits.ChargeAsync(context, route, request, body.Length);
        var response = await InvokeAsync(route, request, context.RequestAborted);
        Name(route, request, response, context);
        context.Response.ContentType = Json;
        try
        {
            PredictionWriter.Write(context.Response.BodyWriter, response, signature);
        }
        finally
        {
            response.Release();
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public async Task<(ModelVersionId Id, ModelSignature Signature)> DescribeAsync(
        string model,
        string reference,
        HttpContext context
    )
    {
        var route = await RouteAsync(model, reference, context);
        return (route.Version, await signatures.GetAsync(route.Version, context.RequestAborted));
    }

    public async Task<ModelVersionId> LoadAsync(string model, string reference, HttpContext context)
    {
        var route = await RouteAsync(model, reference, context);
        await predictor.LoadAsync(route.Version, context.RequestAborted);
        return route.Version;
    }

    private ValueTask<InferenceRoute> RouteAsync(
        string model,
        string reference,
        HttpContext context
    ) =>
        ResourceName.IsValid(model)
            ? invoker.RouteAsync(
                new InferenceCall(model, reference, Key(context), Caller.Name(context)),
                context.RequestAborted
            )
            : throw RequestException.Invalid($"'{model}' is not a model name.");

    // What keeps a caller on one version of a split.
    private static string? Key(HttpContext context)
    {
        var key = context.Request.Headers[KeyHeader].ToString();
        return key.Length <= MaxKeyLength
            ? key.Length == 0
                ? null
                : key
            : throw RequestException.Invalid(
                $"{KeyHeader}: expected at most {MaxKeyLength} characters, got {key.Length}."
            );
    }

    // The prediction's name, for its outcome; calls that no traffic governs have none. And whether it was computed for this call.
    private static void Name(
        in InferenceRoute route,
        InferenceRequest request,
        InferenceResponse response,
        HttpContext context
    )
    {
        if (response.IsCached)
            context.Response.Headers[CacheHeader] = "hit";
        if (!route.Prediction.IsNone && !route.IsSequence(request))
            context.Response.Headers[PredictionHeader] = route.Prediction.ToString();
    }

    private async ValueTask<InferenceResponse> InvokeAsync(
        InferenceRoute route,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        var succeeded = false;
        var answered = route.Version;
        var started = metrics.Start();
        try
        {
            var response = await invoker.InvokeAsync(route, request, cancellationToken);
            succeeded = true;
            // A sequence stays on the version that it began on.
            if (response.Version != answered.Version)
                answered = new ModelVersionId(answered.Name, response.Version);
            return response;
        }
        finally
        {
            metrics.Record(answered, started, succeeded);
        }
    }

    // Only classes need labels; most requests ask for none and need no signature.
    private async ValueTask<IReadOnlyList<string>> LabelsAsync(
        ModelVersionId version,
        IReadOnlyList<RequestedOutput> outputs,
        CancellationToken cancellationToken
    )
    {
        var asked = false;
        for (var i = 0; i < outputs.Count; i++)
            asked |= outputs[i].Classes > 0;
        if (!asked)
            return [];
        var signature = await signatures.GetAsync(version, cancellationToken);
        foreach (var output in outputs.Where(output => output.Classes > 0))
        {
            if (signature.Outputs.FirstOrDefault(o => o.Name == output.Name) is { } known)
                BestClasses.RequireScores(known.Name, known.Datatype, known.Shape.Count);
        }
        return signature.ClassLabels;
    }
}
