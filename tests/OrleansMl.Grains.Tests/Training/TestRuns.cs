using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Training;
using OrleansMl.Grains.Tests.Datasets;
using OrleansMl.Grains.Tests.Operations;
using OrleansMl.Grains.Tests.Serving;

namespace OrleansMl.Grains.Tests.Training;

internal static class TestRuns
{
    public static TrainingRunSpec Spec(string model = "churn") =>
        new()
        {
            Config = "name: test",
            Name = "test",
            Model = model,
            Dataset = new DatasetVersionId("fashion", 1),
            Accelerator = "cpu",
            KeepCheckpoints = 2,
        };

    public static async Task ImportAsync(GrainCluster cluster) =>
        await cluster.Dataset("fashion").CommitAsync(TestDatasets.Commit("a"), GrainCluster.Cancel);

    public static CheckpointReference Checkpoint(string run, long step) =>
        new()
        {
            Artifact = TestModels.Artifact($"{run} {step}"),
            Step = step,
            Bytes = 10,
        };

    public static TrainingProgress Progress(long step) =>
        new()
        {
            Step = step,
            TotalSteps = 100,
            Epoch = 1,
            Epochs = 1,
        };

    public static AttemptReport Report(int attempt, long step) =>
        new()
        {
            Attempt = attempt,
            Progress = Progress(step),
            Points =
            [
                new MetricPoint
                {
                    Step = step,
                    Epoch = 1,
                    Series = "step",
                    ElapsedSeconds = step / 10.0,
                    Values = new Dictionary<string, double> { ["loss"] = 1.0 / step },
                },
            ],
        };

    public static AttemptResult Result(AttemptAssignment work) => Result(work.Run, work.Attempt);

    public static AttemptResult Result(TrainingRunId run, int attempt) =>
        new()
        {
            Attempt = attempt,
            Onnx = TestModels.Artifact($"{run} onnx"),
            Weights = TestModels.Artifact($"{run} weights"),
            Signature = TestModels.Signature,
            Evaluations = [TestModels.Scores(0.9)],
            Progress = Progress(100),
            TrainingSeconds = 12,
        };

    public static AttemptEnd End(int attempt, AttemptOutcome outcome) =>
        new()
        {
            Attempt = attempt,
            Outcome = outcome,
            Error = $"because of {outcome}",
            LogTail = ["last words"],
        };
}
