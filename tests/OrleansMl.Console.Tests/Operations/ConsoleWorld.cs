using System.Globalization;
using System.Text;
using OrleansMl.Client;
using OrleansMl.Client.Models;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

[assembly: AssemblyFixture(typeof(OrleansMl.Console.Tests.Operations.ConsoleWorld))]
[assembly: AssemblyFixture(typeof(OrleansMl.Console.Tests.Operations.Browser))]
// One slot to train on, and a page at a time keeps a small machine's browser quick.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace OrleansMl.Console.Tests.Operations;

/// <summary>A silo that asks for keys, with a trained and served model, and one that asks for none and has nothing.</summary>
public sealed class ConsoleWorld : IAsyncLifetime
{
    /// <summary>The key of the configuration.</summary>
    public const string Key = "correct horse battery staple";

    /// <summary>The trained model.</summary>
    public const string Model = "moons";

    /// <summary>A model of other people.</summary>
    public const string OtherModel = "tides";

    private readonly string _folder = Directory.CreateTempSubdirectory("oml-console-").FullName;
    private HostedSilo? _silo;
    private HostedSilo? _empty;

    /// <summary>The silo with keys.</summary>
    internal HostedSilo Silo => _silo!;

    /// <summary>The silo without keys, models or runs.</summary>
    internal HostedSilo Empty => _empty!;

    /// <summary>A client of the one with keys, as an administrator.</summary>
    public OrleansMlClient Client { get; private set; } = null!;

    /// <summary>The run that trained the model.</summary>
    public TrainingRunSnapshot Run { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _empty = await HostedSilo.StartAsync(
            Path.Combine(_folder, "empty"),
            "--roles",
            "gateway,serve"
        );
        _silo = await HostedSilo.StartAsync(
            Path.Combine(_folder, "data"),
            "--Security:ApiKeys",
            $"root:{ApiKeyText.Digest(Key)}",
            "--Console:PageSize",
            "20"
        );
        Client = new OrleansMlClient(
            new OrleansMlClientOptions { Endpoints = [new Uri(_silo.Url)], ApiKey = Key }
        );
        var csv = Path.Combine(_folder, "moons.csv");
        await File.WriteAllTextAsync(csv, Rows(), cancellationToken);
        await Client.Datasets.ImportAsync(Model, [csv], cancellationToken: cancellationToken);
        Run = await TrainAsync("first", epochs: 3);
        if (Run.Phase != TrainingRunPhase.Succeeded)
            throw new InvalidOperationException(
                $"The run ended {Run.Phase}: {Run.Error} {string.Join('\n', Run.Attempts.SelectMany(attempt => attempt.LogTail))}"
            );
        var onnx = Path.Combine(_folder, "moons.onnx");
        await Client.Models.DownloadAsync(Model, "1", ModelFile.Onnx, onnx, cancellationToken);
        foreach (var name in new[] { Model, OtherModel })
            await Client.Models.ImportAsync(name, onnx, cancellationToken: cancellationToken);
        await PredictAsync(5);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        foreach (var silo in new[] { _silo, _empty })
        {
            if (silo is not null)
                await silo.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Submits a run that ends by itself on no machine before a test has seen it: millions of steps.</summary>
    public Task<TrainingRunId> SubmitEndlessAsync(string id) =>
        SubmitAsync(id, epochs: 10_000, batch: 1);

    private async Task<TrainingRunId> SubmitAsync(string id, int epochs, int batch)
    {
        var run = new TrainingRunId(id);
        await Client.Runs.SubmitAsync(
            Config(id, epochs, batch),
            run,
            TestContext.Current.CancellationToken
        );
        return run;
    }

    /// <summary>Calls the model so many times.</summary>
    public async Task PredictAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
            await Client
                .Model(Model)
                .PredictAsync(
                    [new Dictionary<string, object?> { ["x"] = 0.5, ["y"] = -0.5 }],
                    TestContext.Current.CancellationToken
                );
    }

    /// <summary>Makes a key; its secret.</summary>
    public async Task<(string Id, string Secret)> CreateKeyAsync(
        AccessRole role,
        params string[] models
    )
    {
        var made = await Client.Keys.CreateAsync(
            new ApiKeyRequest
            {
                Name = $"k-{Guid.NewGuid():N}",
                Roles = [role],
                Models = models.Length == 0 ? null : models,
            },
            TestContext.Current.CancellationToken
        );
        return (made.Key.Id, made.Secret!);
    }

    private async Task<TrainingRunSnapshot> TrainAsync(string id, int epochs) =>
        await Client.Runs.WaitAsync(
            await SubmitAsync(id, epochs, batch: 16),
            TestContext.Current.CancellationToken
        );

    private static string Config(string name, int epochs, int batch) =>
        $$"""
            name: {{name}}
            model: {{Model}}
            dataset: {{Model}}@1
            input_features:
              - { name: x, type: number }
              - { name: y, type: number }
            output_features:
              - { name: side, type: category }
            combiner: { type: concat, hidden: [8] }
            trainer:
              optimizer: { type: adam, learning_rate: 0.003 }
              epochs: {{epochs}}
              batch_size: {{batch}}
              seed: 7
              log_every_steps: 10
            promotion: { alias: champion, when: ["accuracy >= 0"] }
            """;

    private static string Rows()
    {
        var random = new Random(20_261_124);
        var csv = new StringBuilder("x,y,side\n");
        for (var i = 0; i < 400; i++)
        {
            var upper = i % 2 == 0;
            var angle = Math.PI * random.NextDouble();
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{(upper ? Math.Cos(angle) : 1 - Math.Cos(angle)):F5},{(upper ? Math.Sin(angle) : 0.5 - Math.Sin(angle)):F5},{(upper ? "upper" : "lower")}\n"
            );
        }
        return csv.ToString();
    }
}
