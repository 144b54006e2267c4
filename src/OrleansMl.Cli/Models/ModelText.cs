using OrleansMl.Cli.Training;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Models;

/// <summary>Models as text.</summary>
internal static class ModelText
{
    private const int ShownMoves = 10;

    public static void Show(CliSession session, ModelSnapshot model)
    {
        session.Line($"model {model.Name}: {model.LatestVersion} is the newest version");
        if (model.Aliases.Count > 0)
            session.Table(
                ["alias", "version"],
                model
                    .Aliases.OrderBy(a => a.Key, StringComparer.Ordinal)
                    .Select(IReadOnlyList<string> (a) => [a.Key, $"{a.Value}"])
            );
        if (model.History.Count > 0)
            session.Table(
                ["when", "alias", "from", "to", "by", "reason"],
                model
                    .History.Take(ShownMoves)
                    .Select(
                        IReadOnlyList<string> (h) =>
                            [TextFormat.Time(h.At), h.Alias, $"{h.From}", $"{h.To}", h.By, h.Reason]
                    )
            );
    }

    public static void Show(CliSession session, ModelVersionSnapshot version)
    {
        session.Line(
            $"{version.Id}: {version.Signature.Task}, made {TextFormat.Time(version.CreatedAt)}"
        );
        var lineage = version.Lineage;
        if (lineage.Run is { } run)
            session.Line($"trained by run {run} (attempt {lineage.Attempt}) on {lineage.Dataset}");
        if (lineage.Parent is { } parent)
            session.Line($"went on from {parent}");
        if (lineage.Source is { } source)
            session.Line($"imported from {source}");
        session.Table(
            ["tensor", "name", "datatype", "shape"],
            version
                .Signature.Inputs.Select(t => Tensor("input", t))
                .Concat(version.Signature.Outputs.Select(t => Tensor("output", t)))
        );
        if (version.Signature.ClassLabels.Count > 0)
            session.Line($"classes: {string.Join(", ", version.Signature.ClassLabels)}");
        RunText.Evaluations(session, version.Evaluations);
        if (version.Promotion is { } promotion)
            session.Line(
                $"{promotion.Alias} {(promotion.Promoted ? "moved" : "stayed")}: {promotion.Reason}"
            );
        session.Line($"{(version.Pipeline is null ? "onnx" : "document")} {version.Onnx}");
        if (version.Weights is { } weights)
            session.Line($"weights {weights}");
    }

    public static IReadOnlyList<string> Tensor(string kind, TensorSignature tensor) =>
        [
            kind,
            tensor.Name,
            tensor.Datatype,
            string.Join('×', tensor.Shape.Select(d => d < 0 ? "N" : $"{d}")),
        ];
}
