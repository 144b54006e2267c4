using OrleansMl.Contracts.Serving.Jobs;

namespace OrleansMl.Cli.Serving;

/// <summary>Jobs as text.</summary>
internal static class JobText
{
    public static string Line(InferenceJobSnapshot job) =>
        $"job {job.Id} is {Phase(job.Phase)}, {TextFormat.Count(job.RowsDone)} of {TextFormat.Count(job.Spec.Rows)} rows"
        + (job.RowsPerSecond > 0 ? $", {TextFormat.Count((long)job.RowsPerSecond)} a second" : "")
        + (job.CancelRequested ? ", cancel asked for" : "")
        + (job.Error is null ? "" : $": {job.Error}");

    public static void Show(CliSession session, InferenceJobSnapshot job)
    {
        session.Line(Line(job));
        var spec = job.Spec;
        session.Line(
            spec.Dataset is { } dataset
                ? $"{spec.Model} over {dataset}{(spec.Split is null ? "" : $", split {spec.Split}")}"
                : $"{spec.Model} on a request"
        );
        if (job.Attempt > 0)
            session.Line($"attempt {job.Attempt} on {job.Silo}, {job.Chunks.Count} chunks done");
        if (job.ResultDataset is { } result)
            session.Line($"made {result}");
        else if (job.Phase is InferenceJobPhase.Succeeded)
            session.Line(
                $"fetch it with: oml job result {job.Id} {(job.Result is null ? "FOLDER" : "FILE")}"
            );
        if (job.ExpiresAt is { } expires)
            session.Line($"kept until {TextFormat.Time(expires)}");
    }

    public static string Phase(InferenceJobPhase phase) =>
        char.ToLowerInvariant($"{phase}"[0]) + $"{phase}"[1..];
}
