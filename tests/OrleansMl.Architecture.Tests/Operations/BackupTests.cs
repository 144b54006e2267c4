using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Architecture.Tests.Operations;

/// <summary>scripts/backup and scripts/restore on the data folder of a silo that is at work.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-backup-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder.FullName, "data");

    private string Backup => Path.Combine(_folder.FullName, "silo.tar.gz");

    private string Restored => Path.Combine(_folder.FullName, "restored");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_backup_made_while_the_silo_works_restores_what_was_referred_to()
    {
        ArtifactId kept;
        await using (var services = await OpenAsync(Data))
        {
            kept = await PutAsync(services, "weights of the first model");
            await services
                .GetRequiredService<IArtifactReferences>()
                .AddAsync("model/fashion@1", [kept], Cancellation);

            var made = await RunAsync("backup", Data, "--to", Backup);
            Assert.True(made.Code == 0, made.Output);
            await services
                .GetRequiredService<IArtifactReferences>()
                .ReleaseAsync("model/fashion@1", Cancellation);
        }

        var restored = await RunAsync("restore", Backup, "--to", Restored);

        Assert.True(restored.Code == 0, restored.Output);
        await using var copy = await OpenAsync(Restored);
        var unreferenced = await copy.GetRequiredService<IArtifactReferences>()
            .FindUnreferencedAsync([kept], Cancellation);
        Assert.Empty(unreferenced);
        await using var content = await copy.GetRequiredService<IArtifactStore>()
            .OpenReadAsync(kept, null, Cancellation);
        using var reader = new StreamReader(content);
        Assert.Equal("weights of the first model", await reader.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task A_backup_that_lacks_what_its_database_refers_to_is_refused_naming_the_artifact()
    {
        ArtifactId lost;
        await using (var services = await OpenAsync(Data))
        {
            lost = await PutAsync(services, "lost");
            await services
                .GetRequiredService<IArtifactReferences>()
                .AddAsync("model/fashion@1", [lost], Cancellation);
        }
        Directory.Delete(Path.Combine(Data, "artifacts", "objects"), recursive: true);

        var made = await RunAsync("backup", Data, "--to", Backup);

        Assert.Equal(1, made.Code);
        Assert.Contains(lost.Hex, made.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Backup));
    }

    [Fact]
    public async Task A_restore_never_writes_over_a_data_folder()
    {
        await using (await OpenAsync(Data))
        {
            var made = await RunAsync("backup", Data, "--to", Backup);
            Assert.True(made.Code == 0, made.Output);
        }
        var before = await File.ReadAllBytesAsync(Path.Combine(Data, "oml.db"), Cancellation);

        var restored = await RunAsync("restore", Backup, "--to", Data);

        Assert.Equal(1, restored.Code);
        Assert.Contains("is not empty", restored.Output, StringComparison.Ordinal);
        Assert.Equal(
            before,
            await File.ReadAllBytesAsync(Path.Combine(Data, "oml.db"), Cancellation)
        );
    }

    private static async Task<ArtifactId> PutAsync(ServiceProvider services, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var info = await services
            .GetRequiredService<IArtifactStore>()
            .PutAsync(content, Cancellation);
        return info.Id;
    }

    private static async Task<ServiceProvider> OpenAsync(string data)
    {
        Directory.CreateDirectory(data);
        var options = new StorageOptions();
        options.Database.ConnectionString =
            $"Data Source={Path.Combine(data, "oml.db")};Pooling=False";
        options.Artifacts.Path = Path.Combine(data, "artifacts");
        options.Artifacts.CachePath = Path.Combine(data, "cache");
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning))
            .AddSingleton(TimeProvider.System)
            .AddOrleansMlStorage(options)
            .BuildServiceProvider();
        await services.GetRequiredService<IDatabaseMigrator>().MigrateAsync(Cancellation);
        return services;
    }

    private static async Task<(int Code, string Output)> RunAsync(
        string script,
        params string[] args
    )
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(SourceTree.Root, "scripts", script), args)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output + await errors);
    }
}
