using OrleansMl.Benchmarks;
using OrleansMl.Benchmarks.Operations;
using OrleansMl.Benchmarks.Serving;
using OrleansMl.Benchmarks.Training;

return await BenchCommand.RunAsync(
    args,
    new Dictionary<string, Func<BenchOptions, CancellationToken, Task<BenchReport>>>
    {
        ["training"] = TrainingBench.RunAsync,
        ["run"] = RunBench.RunAsync,
        ["control"] = ControlBench.RunAsync,
        ["models"] = ModelsBench.RunAsync,
        ["pipelines"] = PipelinesBench.RunAsync,
        ["serving"] = ServingBench.RunAsync,
    },
    new Dictionary<string, Func<string[], int>>
    {
        ["training"] = TrainingChild.Run,
        [LoadCycles.Name] = LoadCycles.Run,
        ["serving-peer"] = ServingPeer.Run,
        ["serving-load"] = LoadGenerator.Run,
    }
);
