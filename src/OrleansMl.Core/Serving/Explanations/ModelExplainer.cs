using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>
/// Explains answers of any model by running it on rows in which features are replaced. The runs go to the predictor itself: nothing that
/// watches or compares calls sees them. Thread-safe.
/// </summary>
public sealed class ModelExplainer(
    IModelPredictor predictor,
    ModelSignatures signatures,
    IExplanationReferences references,
    IOptions<ExplanationOptions> options
)
{
    private const int MaxOrders = 10_000;

    /// <summary>The further outputs: see <see cref="ExplanationRequest"/>.</summary>
    /// <exception cref="InvalidInputException">The ask is wrong or would cost too much; the message names the figures.</exception>
    public async ValueTask<IReadOnlyList<InferenceTensor>> ExplainAsync(
        InferenceRoute route,
        InferenceRequest request,
        ExplanationRequest explain,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(explain);
        var signature = await signatures.GetAsync(route.Version, cancellationToken);
        var output = Output(route.Version, signature, explain);
        PlayerMap[] maps = [.. request.Inputs.Select(i => PlayerMap.Of(i, Patch(explain)))];
        var rows = (int)request.Inputs[0].Shape[0];
        CheckCost(rows, maps.Sum(map => map.Count), explain);
        var profile =
            explain.Baseline == ExplanationBaseline.Mean
                ? await references.GetAsync(route.Version, route.Snapshot, cancellationToken)
                : null;
        var cut = request.Inputs.Select(RowPerturbation.Rows).ToArray();
        var batch = signature.Inputs.All(i => i.Shape is [-1, ..]) ? options.Value.BatchRows : 1;
        var results = new (AttributionResult Result, int Target)[rows];
        for (var r = 0; r < rows; r++)
        {
            InferenceTensor[] row =
            [
                .. request.Inputs.Select(
                    (input, i) =>
                        input with
                        {
                            Shape = [1, .. input.Shape.Skip(1)],
                            Data = cut[i][r],
                        }
                ),
            ];
            var runs = new ExplanationRuns(
                predictor,
                route.Version,
                output,
                new RowPerturbation(
                    row,
                    [.. row.Select(input => BaselineRows.Of(input, explain.Baseline, profile))],
                    maps
                ),
                explain.Target,
                batch,
                cancellationToken
            );
            var players = maps.Sum(map => map.Count);
            var result =
                explain.Method == ExplanationMethod.Occlusion
                    ? await Attribution.OcclusionAsync(players, runs.ValuesAsync)
                    : await Attribution.ShapleyAsync(
                        players,
                        explain.Samples,
                        explain.Seed,
                        runs.ValuesAsync
                    );
            results[r] = (result, runs.Target!.Value);
        }
        return Outputs(request.Inputs, maps, results);
    }

    private static int? Patch(ExplanationRequest explain) =>
        explain.Patch is null or >= 1
            ? explain.Patch
            : throw new InvalidInputException(
                $"explain.patch: expected 1 or more, got {explain.Patch}."
            );

    private static string Output(
        ModelVersionId version,
        ModelSignature signature,
        ExplanationRequest explain
    )
    {
        var numbers = signature.Outputs.Where(o => o.Datatype != TensorDatatypes.Bytes).ToList();
        if (explain.Output is null)
            return (
                    numbers.Find(o => o.Name.Contains("probabilit", StringComparison.Ordinal))
                    ?? numbers.Find(o => o.Datatype.StartsWith("FP", StringComparison.Ordinal))
                    ?? numbers.FirstOrDefault()
                )?.Name
                ?? throw new InvalidInputException(
                    $"model {version}: it has no output of numbers to explain."
                );
        return numbers.Exists(o => o.Name == explain.Output)
            ? explain.Output
            : throw new InvalidInputException(
                $"model {version}: explain.output: expected an output of numbers ({string.Join(", ", numbers.Select(o => $"'{o.Name}'"))}), got '{explain.Output}'."
            );
    }

    private void CheckCost(int rows, int players, ExplanationRequest explain)
    {
        var limits = options.Value;
        if (!Enum.IsDefined(explain.Method) || !Enum.IsDefined(explain.Baseline))
            throw new InvalidInputException(
                "explain: expected the method 'occlusion' or 'shapley-sampling' and the baseline 'mean' or 'zero'."
            );
        if (explain.Samples < 1 || explain.Samples > MaxOrders)
            throw new InvalidInputException(
                $"explain.samples: expected 1 to {MaxOrders}, got {explain.Samples}."
            );
        if (players > limits.MaxPlayers)
            throw new InvalidInputException(
                $"explain: expected at most {limits.MaxPlayers} features, elements and patches a row ({ExplanationOptions.Section}:{nameof(limits.MaxPlayers)}), got {players}; ask for a larger patch."
            );
        var each =
            explain.Method == ExplanationMethod.Occlusion
                ? players + 2L
                : ((long)explain.Samples * (players - 1)) + 2;
        if (rows * each > limits.MaxEvaluations)
            throw new InvalidInputException(
                $"explain: expected at most {limits.MaxEvaluations} evaluations ({ExplanationOptions.Section}:{nameof(limits.MaxEvaluations)}), got {rows * each} for {rows} rows of {players} features; ask for fewer rows or samples, or a larger patch."
            );
    }

    private static InferenceTensor[] Outputs(
        IReadOnlyList<InferenceTensor> inputs,
        PlayerMap[] maps,
        (AttributionResult Result, int Target)[] rows
    )
    {
        var outputs = new List<InferenceTensor>();
        var first = 0;
        for (var i = 0; i < maps.Length; i++)
        {
            var count = maps[i].Count;
            var begin = first;
            outputs.Add(
                Floats(
                    $"explanation_{inputs[i].Name}",
                    [rows.Length, .. maps[i].Shape],
                    rows.SelectMany(r => r.Result.Contributions.Skip(begin).Take(count))
                )
            );
            first += count;
        }
        outputs.Add(Floats("explanation_value", [rows.Length], rows.Select(r => r.Result.Value)));
        outputs.Add(Floats("explanation_base", [rows.Length], rows.Select(r => r.Result.Base)));
        outputs.Add(
            new InferenceTensor
            {
                Name = "explanation_target",
                Datatype = "INT64",
                Shape = [rows.Length],
                Data = MemoryMarshal
                    .AsBytes<long>(rows.Select(r => (long)r.Target).ToArray())
                    .ToArray(),
            }
        );
        return [.. outputs];
    }

    private static InferenceTensor Floats(
        string name,
        IReadOnlyList<long> shape,
        IEnumerable<double> values
    ) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = shape,
            Data = MemoryMarshal
                .AsBytes<float>(values.Select(value => (float)value).ToArray())
                .ToArray(),
        };
}
