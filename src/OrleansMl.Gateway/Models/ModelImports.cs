using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Models;

/// <summary>Registers a foreign ONNX file as a version, once the engine that will serve it has loaded and run it.</summary>
internal sealed class ModelImports(
    IInferenceEngine engine,
    IArtifactStore artifacts,
    IGrainFactory grains
)
{
    public async Task<ModelVersionSnapshot> ImportAsync(
        string model,
        string path,
        ModelImportOptions options,
        CancellationToken cancellationToken
    )
    {
        // Parsing, optimizing and running a graph is CPU work of seconds: never on the pool (invariant 4).
        var signature = await Task.Factory.StartNew(
            () => Check(path, options),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        ArtifactInfo stored;
        await using (var file = File.OpenRead(path))
            stored = await artifacts.PutAsync(file, cancellationToken);
        return await grains
            .GetGrain<IModelGrain>(model)
            .RegisterVersionAsync(
                new ModelRegistration
                {
                    CommandId = options.CommandId,
                    Onnx = stored.Id,
                    Signature = signature,
                    Lineage = new ModelLineage { Source = options.Source },
                    RegisteredBy = options.By,
                },
                cancellationToken
            );
    }

    private ModelSignature Check(string path, ModelImportOptions options)
    {
        var signature = engine.ReadSignature(path) with
        {
            ClassLabels = options.Labels,
            Task = options.Task,
        };
        if (
            options.Labels.Count > 0
            && signature.Outputs.All(output =>
                output.Shape.Count > 0
                && output.Shape[^1] >= 0
                && output.Shape[^1] != options.Labels.Count
            )
        )
            throw new InvalidInputException(
                $"label: {options.Labels.Count} labels were given, and no output of the model has {options.Labels.Count} columns: {string.Join(", ", signature.Outputs.Select(output => $"'{output.Name}' [{string.Join(", ", output.Shape)}]"))}."
            );
        using var session = engine.Load(path, signature);
        return signature;
    }
}
