using OrleansMl.Silo.Tests;
using OrleansMl.Silo.Tests.Serving.Fuzzing;
using OrleansMl.Silo.Tests.Training;
using OrleansMl.Worker.Operations;
using OrleansMl.Worker.Training;

// Started by a supervisor under test, this program is a worker with a fake engine; else it runs the tests.
if (args is ["--socket", var socketPath])
{
    WorkerProcessControl.LeaveParentGroup();
    return new WorkerHost(
        () => new ScriptedEngine(),
        TimeProvider.System,
        WorkerProcessControl.Exit
    ).Run(socketPath);
}

// By scripts/fuzz.
if (args is ["fuzz", ..])
    return await FuzzCommand.RunAsync(args[1..]);
return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
    args,
    SelfRegisteredExtensions.AddSelfRegisteredExtensions
);
