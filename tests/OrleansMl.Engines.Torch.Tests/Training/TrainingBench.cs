using System.Security.Cryptography;
using OrleansMl.Core.Training;
using OrleansMl.Engines.Torch.Tests.Datasets;
using OrleansMl.Engines.Torch.Training;

namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>Runs trainings in a folder of its own.</summary>
internal sealed class TrainingBench : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-training-");
    private int _runs;

    public TrainingJob Job(MemoryDataset dataset, string config, string? resumeFrom = null) =>
        new()
        {
            Config = config,
            Dataset = dataset.Manifest,
            ShardPaths = ["memory"],
            ResumeFrom = resumeFrom,
            ScratchDirectory = Path.Combine(_folder.FullName, $"{++_runs}"),
            Device = "cpu:0",
        };

    public TrainingOutcome Train(
        MemoryDataset dataset,
        string config,
        RecordingObserver observer,
        string? resumeFrom = null
    ) =>
        new TorchTrainingEngine(dataset, TimeProvider.System).Train(
            Job(dataset, config, resumeFrom),
            observer
        );

    public static string Sha256(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    public void Dispose() => _folder.Delete(recursive: true);
}
