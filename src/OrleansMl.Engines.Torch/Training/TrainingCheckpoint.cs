using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Safetensors;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>
/// All that a run needs to go on as if nothing had happened, in one safetensors file: weights and buffers under
/// <c>model.</c>, the optimizer's arrays under <c>optimizer.{slot}.</c>, the best weights under <c>best.</c>, the rest in
/// the metadata.
/// </summary>
internal sealed record TrainingCheckpoint
{
    private const string MetadataKey = "orleansml.checkpoint";
    private const string Weights = "model.";
    private const string BestWeightsPrefix = "best.";

    /// <summary>Position, sums and early stopping.</summary>
    public required CheckpointHeader Header { get; init; }

    /// <summary>Every array of the network, in the plan's order.</summary>
    public required IReadOnlyList<float[]> Model { get; init; }

    /// <summary>The optimizer's arrays by slot, a trained parameter each.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<float[]>> Optimizer { get; init; }

    /// <summary>Early stopping's best weights.</summary>
    public IReadOnlyList<float[]>? Best { get; init; }

    /// <summary>What ties a checkpoint to its run: another configuration or dataset can't go on from it.</summary>
    public static string FingerprintOf(TrainingJob job)
    {
        var shards = string.Join('\n', job.Dataset.Shards.Select(shard => shard.Artifact));
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{job.Config}\n{job.Dataset.Id}\n{shards}"))
        );
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string path, ModelPlan plan)
    {
        var specs = ParameterNames.Of(plan);
        var trained = specs.Where(spec => spec.Trained).ToList();
        new SafetensorsFile(
            [
                .. Tensors(Weights, specs, Model),
                .. Optimizer.SelectMany(slot => Tensors(Prefix(slot.Key), trained, slot.Value)),
                .. Best is null ? [] : Tensors(BestWeightsPrefix, specs, Best),
            ],
            new Dictionary<string, string> { [MetadataKey] = JsonSerializer.Serialize(Header) }
        ).Write(path);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="plan">What it must fit.</param>
    /// <param name="slots">The optimizer's arrays.</param>
    /// <param name="fingerprint">Of the job that goes on from it.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="InvalidInputException">It belongs to another run or was written by another version.</exception>
    public static TrainingCheckpoint Read(
        string path,
        ModelPlan plan,
        IReadOnlyList<string> slots,
        string fingerprint
    )
    {
        var file = SafetensorsFile.Read(path);
        var header = ReadHeader(file, path);
        if (header.Format != CheckpointHeader.CurrentFormat)
            throw new InvalidInputException(
                $"The checkpoint {Path.GetFileName(path)} has format {header.Format}, this version reads {CheckpointHeader.CurrentFormat}. Start the run anew."
            );
        if (header.Fingerprint != fingerprint)
            throw new InvalidInputException(
                $"The checkpoint {Path.GetFileName(path)} belongs to another configuration or dataset version. Start the run anew."
            );
        var specs = ParameterNames.Of(plan);
        var trained = specs.Where(spec => spec.Trained).ToList();
        return new TrainingCheckpoint
        {
            Header = header,
            Model = Arrays(file, Weights, specs),
            Optimizer = slots.ToDictionary(
                slot => slot,
                slot => Arrays(file, Prefix(slot), trained)
            ),
            Best = header.Best is null ? null : Arrays(file, BestWeightsPrefix, specs),
        };
    }

    private static CheckpointHeader ReadHeader(SafetensorsFile file, string path)
    {
        try
        {
            if (
                file.Metadata.TryGetValue(MetadataKey, out var json)
                && JsonSerializer.Deserialize<CheckpointHeader>(json) is { } header
            )
                return header;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(path)} has a damaged header: {error.Message}",
                error
            );
        }
        throw new InvalidDataException($"{Path.GetFileName(path)} is no checkpoint.");
    }

    private static string Prefix(string slot) => $"optimizer.{slot}.";

    private static IEnumerable<SafetensorsTensor> Tensors(
        string prefix,
        IReadOnlyList<ParameterSpec> specs,
        IReadOnlyList<float[]> values
    ) =>
        specs.Zip(
            values,
            (spec, array) => SafetensorsTensor.Of(prefix + spec.Name, spec.Shape, array)
        );

    private static IReadOnlyList<float[]> Arrays(
        SafetensorsFile file,
        string prefix,
        IReadOnlyList<ParameterSpec> specs
    ) =>
        [
            .. specs.Select(spec =>
            {
                var tensor = file.Get(prefix + spec.Name);
                if (!tensor.Shape.SequenceEqual(spec.Shape))
                    throw new InvalidDataException(
                        $"'{tensor.Name}' has the shape [{string.Join(", ", tensor.Shape)}], expected [{string.Join(", ", spec.Shape)}]."
                    );
                return tensor.AsSingles().ToArray();
            }),
        ];
}
