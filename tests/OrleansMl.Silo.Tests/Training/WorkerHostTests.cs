using System.Diagnostics;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

/// <summary>A real worker process against a silo that this test plays.</summary>
public sealed class WorkerHostTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-test-").FullName;

    [Fact]
    public async Task An_orphan_with_a_stuck_training_thread_ends_itself()
    {
        var link = new WorkerLink(Path.Combine(_directory, "1.sock"));
        using var worker = Start(link);
        await BeginAsync(link, "step\nfreeze", pingTimeoutSeconds: 60);
        Assert.IsType<WorkerProgress>(await ReceiveAsync<WorkerProgress>(link));

        link.Dispose();

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(WorkerProtocol.ExitOrphaned, worker.ExitCode);
    }

    [Fact]
    public async Task A_worker_whose_silo_falls_silent_ends_itself()
    {
        using var link = new WorkerLink(Path.Combine(_directory, "1.sock"));
        using var worker = Start(link);
        await BeginAsync(link, "step\nfreeze", pingTimeoutSeconds: 1);

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(WorkerProtocol.ExitSilent, worker.ExitCode);
    }

    [Fact]
    public async Task A_silo_of_another_protocol_version_is_refused()
    {
        using var link = new WorkerLink(Path.Combine(_directory, "1.sock"));
        using var worker = Start(link);
        await link.ConnectAsync(
            Hello(60) with
            {
                Version = 99,
            },
            TestContext.Current.CancellationToken
        );

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(WorkerProtocol.ExitProtocol, worker.ExitCode);
        Assert.Contains(
            "99",
            await worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_worker_without_a_silo_ends_with_an_error()
    {
        using var worker = Start(Path.Combine(_directory, "nobody.sock"));

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(WorkerProtocol.ExitOrphaned, worker.ExitCode);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static SiloHello Hello(double pingTimeoutSeconds) =>
        new()
        {
            Version = WorkerProtocol.Version,
            PingTimeoutSeconds = pingTimeoutSeconds,
            HeartbeatSeconds = 0.1,
            ProgressSeconds = 0.05,
        };

    private async Task BeginAsync(WorkerLink link, string script, double pingTimeoutSeconds)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await link.ConnectAsync(Hello(pingTimeoutSeconds), cancellationToken);
        await link.Channel.SendAsync(
            new StartTraining
            {
                Job = new TrainingJob
                {
                    Config = script,
                    Dataset = SupervisorFixture.Manifest(ArtifactId.Of("rows"u8)),
                    ShardPaths = [],
                    ScratchDirectory = _directory,
                    Device = "cpu:0",
                },
            },
            cancellationToken
        );
    }

    private static async Task<T> ReceiveAsync<T>(WorkerLink link)
        where T : WorkerMessage
    {
        while (true)
        {
            switch (await link.Channel.ReceiveAsync(TestContext.Current.CancellationToken))
            {
                case T wanted:
                    return wanted;
                case null:
                    throw new InvalidOperationException("The worker closed its socket.");
            }
        }
    }

    private static Process Start(WorkerLink link) => Start(link.Path);

    private static Process Start(string socketPath) =>
        Process.Start(
            new ProcessStartInfo(
                WorkerLocation.FindDotnet(),
                [typeof(WorkerHostTests).Assembly.Location, "--socket", socketPath]
            )
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
}
