using System.Text.Json;
using OrleansMl.Engines.Torch.Tests.Datasets;
using OrleansMl.Engines.Torch.Tests.Native;

namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>
/// The losses of two seeded trainings, step by step, against files in <c>golden/</c>. A change that moves them changes
/// what every run learns: if that is meant, write the files anew with
/// <c>dotnet run --project tests/OrleansMl.Engines.Torch.Tests -- --explicit only --filter-method "*Write_the_golden_files"</c>.
/// </summary>
public sealed class GoldenLossTests : IDisposable
{
    /// <summary>Relative. Processors add up in different orders, and a step's difference grows in the next.</summary>
    private const double Tolerance = 2e-3;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly TrainingBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("corners")]
    [InlineData("customers")]
    public void Losses_are_those_of_the_golden_file(string name)
    {
        var expected = JsonSerializer.Deserialize<SortedDictionary<string, double>>(
            File.ReadAllText(FileOf(name))
        )!;
        var actual = Losses(name);
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(
            expected,
            pair => Assert.InRange(actual[pair.Key] / pair.Value, 1 - Tolerance, 1 + Tolerance)
        );
    }

    [Fact(Explicit = true)]
    public void Write_the_golden_files()
    {
        foreach (var name in (string[])["corners", "customers"])
            File.WriteAllText(
                FileOf(name),
                JsonSerializer.Serialize(Losses(name), Indented) + "\n"
            );
    }

    private SortedDictionary<string, double> Losses(string name)
    {
        using var observer = new RecordingObserver();
        if (name == "corners")
            _bench.Train(Examples.Corners(90, 24), Configurations.Everything, observer);
        else
            _bench.Train(Examples.Customers(130, 30), Configurations.Table, observer);
        var losses = observer.Points.ToDictionary(
            point => $"{point.Step:D3} {point.Series}",
            point => point.Values["loss"]
        );
        return new SortedDictionary<string, double>(losses, StringComparer.Ordinal);
    }

    private static string FileOf(string name) =>
        Path.Combine(
            RepositoryRoot.Path,
            "tests/OrleansMl.Engines.Torch.Tests/golden",
            $"{name}.json"
        );
}
