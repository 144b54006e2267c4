using System.Globalization;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Models;
using OrleansMl.Core.Serving;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Models;

/// <summary>What a registration and an alias must be.</summary>
internal static class ModelChecks
{
    private const int MaxByLength = 200;

    /// <summary>Checks a registration and reads its rules.</summary>
    /// <exception cref="InvalidInputException">Something is wrong; nothing was done.</exception>
    public static IReadOnlyList<PromotionRule> Check(
        string name,
        ModelRegistration registration,
        int maxBytes
    )
    {
        if (!ResourceName.IsValid(name))
            throw new InvalidInputException(
                $"'{name}' is not a model name: expected 1 to {ResourceName.MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        CommandIds.Check(registration.CommandId);
        CheckTensors(name, "input", registration.Signature.Inputs);
        CheckTensors(name, "output", registration.Signature.Outputs);
        CheckAlias(registration.PromotionAlias);
        if (registration.RegisteredBy.Length > MaxByLength)
            throw new InvalidInputException(
                $"registeredBy: expected at most {MaxByLength} characters, got {registration.RegisteredBy.Length}."
            );
        var bytes = JsonSerializer.SerializeToUtf8Bytes(registration, ContractsJson.Options).Length;
        if (bytes > maxBytes)
            throw new InvalidInputException(
                $"model '{name}': expected a registration of at most {maxBytes} bytes as JSON, got {bytes}; shorten its class labels, scores or configuration."
            );
        return PromotionPolicy.Parse(registration.PromotionRules);
    }

    /// <summary>Checks a registration against the versions that are there.</summary>
    /// <exception cref="ConflictException">It is a pipeline and they are none, or the other way round; or the newest is not the expected one.</exception>
    public static void CheckNext(string name, ModelState state, ModelRegistration registration)
    {
        var pipeline = registration.Pipeline is not null;
        if (state.LastVersion > 0 && state.IsPipeline != pipeline)
            throw new ConflictException(
                pipeline
                    ? $"'{name}' is a model with versions of its own; choose another name for the pipeline."
                    : $"'{name}' is a pipeline; choose another name for the model."
            );
        if (registration.ExpectedLatest is { } expected && expected != state.LastVersion)
            throw new ConflictException(
                $"'{name}' was expected at {(expected == 0 ? "no version" : $"version {expected}")}, but is at {(state.LastVersion == 0 ? "none" : $"version {state.LastVersion}")}; look again and decide anew."
            );
    }

    /// <exception cref="InvalidInputException">The text is no alias.</exception>
    public static void CheckAlias(string? alias)
    {
        if (
            !ResourceName.IsValid(alias)
            || alias == "latest"
            || long.TryParse(alias, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        )
            throw new InvalidInputException(
                $"'{alias}' is not an alias: expected 1 to {ResourceName.MaxLength} lower-case letters, digits, '.', '_' and '-', neither a number nor 'latest'."
            );
    }

    private static void CheckTensors(
        string name,
        string kind,
        IReadOnlyList<TensorSignature> tensors
    )
    {
        if (tensors.Count == 0)
            throw new InvalidInputException($"model '{name}': its signature has no {kind}.");
        HashSet<string> names = [];
        foreach (var tensor in tensors)
        {
            if (string.IsNullOrEmpty(tensor.Name) || !names.Add(tensor.Name))
                throw new InvalidInputException(
                    $"model '{name}': {kind} names must be given and differ, got '{tensor.Name}'."
                );
            if (TensorDatatypes.SizeOf(tensor.Datatype) is null)
                throw new InvalidInputException(
                    $"model '{name}': {kind} '{tensor.Name}' has datatype '{tensor.Datatype}'; expected BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, FP32, FP64 or BYTES."
                );
            if (
                tensor.AllowsMissing
                && (
                    kind != "input"
                    || tensor.Datatype is not ("FP32" or "FP64" or "INT64" or "BYTES")
                )
            )
                throw new InvalidInputException(
                    $"model '{name}': {kind} '{tensor.Name}' of datatype {tensor.Datatype} allows missing values; expected that of an input of FP32, FP64, INT64 or BYTES alone."
                );
            foreach (var dimension in tensor.Shape)
            {
                if (dimension < -1)
                    throw new InvalidInputException(
                        $"model '{name}': {kind} '{tensor.Name}' has a dimension of {dimension}; expected -1 (variable) or 0 and more."
                    );
            }
        }
    }
}
