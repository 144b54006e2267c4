using System.Collections.Concurrent;
using OrleansMl.Client.Models;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Client.Serving;

/// <summary>Predictions of one model. Safe for threads; keep it to save the look-up of the model's signature.</summary>
public sealed class ModelClient
{
    private readonly GatewayTransport _transport;
    private readonly IInferenceClient _inference;
    private readonly InferenceCallOptions _options;
    private readonly ModelsClient _models;
    private readonly ConcurrentDictionary<int, ModelSignature> _signatures = new();
    private volatile ModelSignature? _current;

    internal ModelClient(
        GatewayTransport transport,
        IInferenceClient inference,
        ModelsClient models,
        string name,
        string? reference
    )
    {
        _transport = transport;
        _inference = inference;
        _options = new InferenceCallOptions { Reference = reference };
        _models = models;
        Name = name;
        Reference = reference;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>A version's number, an alias or <c>latest</c>; null: the alias <c>champion</c> where it exists, else the newest.</summary>
    public string? Reference { get; }

    /// <summary>Runs the model on tensors, as its signature names them.</summary>
    /// <param name="inputs">All the model's inputs; the first dimension is the batch.</param>
    /// <param name="outputs">Names of the outputs wanted; none means all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidInputException">The model's name or version can't be one.</exception>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> when a name, type or shape is wrong; no such model, a full queue, or no answer.</exception>
    public Task<InferenceResponse> PredictAsync(
        IReadOnlyList<InferenceTensor> inputs,
        IReadOnlyList<string>? outputs = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return _inference.InferAsync(
            Name,
            new InferenceRequest { Inputs = inputs, Outputs = outputs ?? [] },
            _options,
            cancellationToken
        );
    }

    /// <summary>Classifies images. The model has one input, of type UINT8; pixels go as they are.</summary>
    /// <exception cref="InvalidInputException">The model's input isn't an image, or the images have another number of pixels than it takes.</exception>
    /// <exception cref="InvalidOperationException">The model is not a classifier.</exception>
    /// <exception cref="OrleansMlException">No such model, a full queue, or no answer.</exception>
    public async Task<ClassificationResponse> PredictAsync(
        ImageBatch images,
        CancellationToken cancellationToken = default
    )
    {
        var signature = _current ?? await LoadSignatureAsync(cancellationToken);
        InferenceResponse response;
        try
        {
            response = await PredictAsync(
                [ImageTensor(signature, images)],
                null,
                cancellationToken
            );
        }
        catch (OrleansMlException e) when (e.Code == OrleansMlErrorCodes.InvalidInput)
        {
            // The alias may have moved to a version with other inputs since the signature was read.
            var now = await LoadSignatureAsync(cancellationToken);
            if (SameInputs(now, signature))
                throw;
            response = await PredictAsync([ImageTensor(now, images)], null, cancellationToken);
        }
        var answered = await GetSignatureAsync(response.Version, cancellationToken);
        return new ClassificationResponse(
            response.Model,
            response.Version,
            ClassOutputs.Labels(answered),
            ClassOutputs.Read(answered, response.Outputs, images.Count)
        );
    }

    /// <summary>Predicts from named features, one dictionary an example: a value a feature of the model (number, text, truth value, array of numbers).</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> when a feature is missing, unknown or of a wrong type; no such model, a full queue, or no answer.</exception>
    public Task<PredictionResponse> PredictAsync(
        IReadOnlyList<IReadOnlyDictionary<string, object?>> instances,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(instances);
        return _transport.SendAsync<PredictionResponse>(
            Path("api/v1/models").Add("predict").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(
                    new Dictionary<string, object> { ["instances"] = instances }
                ),
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Predicts and explains: each prediction's outputs have, beside the model's, <c>explanation_FEATURE</c> (what the feature, element
    /// or patch contributes), <c>explanation_value</c>, <c>explanation_base</c> and <c>explanation_target</c>.
    /// </summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c> also when the explanation is asked wrongly or would cost too much.</exception>
    public Task<PredictionResponse> ExplainAsync(
        IReadOnlyList<IReadOnlyDictionary<string, object?>> instances,
        ExplanationRequest explain,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(instances);
        ArgumentNullException.ThrowIfNull(explain);
        return _transport.SendAsync<PredictionResponse>(
            Path("api/v1/models").Add("predict").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(new { parameters = new { explain }, instances }),
            },
            cancellationToken
        );
    }

    /// <summary>Predicts one example from named features.</summary>
    /// <exception cref="OrleansMlException">As for several.</exception>
    public async Task<Prediction> PredictAsync(
        IReadOnlyDictionary<string, object?> instance,
        CancellationToken cancellationToken = default
    )
    {
        var response = await PredictAsync([instance], cancellationToken);
        return response.Predictions is [var prediction]
            ? prediction
            : throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"'{Name}' gave {response.Predictions.Count} predictions for 1 example."
            );
    }

    /// <summary>What the version that answers now takes and gives.</summary>
    /// <exception cref="OrleansMlException">No such model, or no answer.</exception>
    public Task<ModelSignature> GetSignatureAsync(CancellationToken cancellationToken = default) =>
        LoadSignatureAsync(cancellationToken);

    private async Task<ModelSignature> GetSignatureAsync(
        int version,
        CancellationToken cancellationToken
    )
    {
        // Versions never change, so this needs no expiry.
        if (_signatures.TryGetValue(version, out var known))
            return known;
        var snapshot = await _models.GetVersionAsync(Name, $"{version}", cancellationToken);
        _current = snapshot.Signature;
        return _signatures[version] = snapshot.Signature;
    }

    private async Task<ModelSignature> LoadSignatureAsync(CancellationToken cancellationToken)
    {
        var reference = Reference;
        if (reference is null)
        {
            var model = await _models.GetAsync(Name, cancellationToken);
            reference = model.Aliases.TryGetValue("champion", out var champion)
                ? $"{champion}"
                : $"{model.LatestVersion}";
        }
        var snapshot = await _models.GetVersionAsync(Name, reference, cancellationToken);
        _signatures[snapshot.Id.Version] = snapshot.Signature;
        return _current = snapshot.Signature;
    }

    private InferenceTensor ImageTensor(ModelSignature signature, ImageBatch images)
    {
        if (signature.Inputs is not [{ Datatype: "UINT8", Shape: { Count: >= 2 } shape } input])
            throw new InvalidInputException(
                $"model '{Name}' takes {string.Join(", ", signature.Inputs.Select(i => $"{i.Name} {i.Datatype}[{string.Join(',', i.Shape)}]"))}, not one image of type UINT8; predict with tensors or named features instead."
            );
        var pixels = images.Pixels.Length / images.Count;
        var perImage = shape.Skip(1).ToArray();
        // Images of variable size need the tensor form, which gives the shape.
        if (Array.Exists(perImage, d => d < 0) || TensorData.Elements(perImage) != pixels)
            throw new InvalidInputException(
                $"model '{Name}' takes images of [{string.Join(',', perImage)}] pixels, got {pixels} an image."
            );
        return TensorData.UInt8(input.Name, images.Pixels, [images.Count, .. perImage]);
    }

    private static bool SameInputs(ModelSignature a, ModelSignature b) =>
        a.Inputs.Count == b.Inputs.Count
        && a.Inputs.Zip(b.Inputs)
            .All(p =>
                p.First.Name == p.Second.Name
                && p.First.Datatype == p.Second.Datatype
                && p.First.Shape.SequenceEqual(p.Second.Shape)
            );

    private GatewayPath Path(string root)
    {
        var path = new GatewayPath(root).Add(Name);
        return Reference is null ? path : path.Add("versions", Reference);
    }
}
