using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Data;
using OrleansMl.Engines.Torch.Training;
using OrleansMl.Worker.Operations;
using OrleansMl.Worker.Training;

if (args is not ["--socket", { Length: > 0 } socketPath])
{
    Console.Error.WriteLine(
        "usage: OrleansMl.Worker --socket PATH\nStarted by a silo for a compute slot; PATH is the Unix domain socket that the silo listens on."
    );
    return WorkerProtocol.ExitUsage;
}
WorkerProcessControl.LeaveParentGroup();
WorkerProcessControl.PreferAsOutOfMemoryVictim();

// A service manager or terminal may signal the silo's whole group: the silo decides what its workers do about it, and a
// worker whose silo is gone ends by itself.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => c.Cancel = true);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => c.Cancel = true);

await using var services = new ServiceCollection()
    .AddSingleton(TimeProvider.System)
    .AddOrleansMlData()
    .BuildServiceProvider();
return new WorkerHost(
    () =>
        new TorchTrainingEngine(
            services.GetRequiredService<IDatasetReader>(),
            services.GetRequiredService<TimeProvider>()
        ),
    TimeProvider.System,
    WorkerProcessControl.Exit
).Run(socketPath);
