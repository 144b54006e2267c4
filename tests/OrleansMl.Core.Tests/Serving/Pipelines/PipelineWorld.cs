using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Tests.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Pipelines;

/// <summary>Models that are functions of a row, and pipelines over them, run as a silo runs them.</summary>
internal sealed class PipelineWorld : IModelPredictor, ILocalPredictor
{
    private readonly Dictionary<string, Func<float[], float[]>> _functions = [];

    public PipelineWorld()
    {
        var routes = new ModelRoutes(
            Source,
            Options.Create(new RoutingOptions()),
            Time,
            NullLogger<ModelRoutes>.Instance
        );
        Plans = new PipelinePlans(Source);
        var invoker = new Lazy<ModelInvoker>(() => Invoker!);
        Predictor = new PipelinePredictor(this, this, Plans, invoker, Time);
        Invoker = new ModelInvoker(routes, Predictor, TrafficWorld.Router(Time), []);
    }

    public FakeModelSource Source { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public PipelinePlans Plans { get; }

    public PipelinePredictor Predictor { get; }

    public ModelInvoker Invoker { get; }

    /// <summary>Rows that each model saw, call by call.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<float[][]>> Calls { get; } = new();

    /// <summary>By model: its calls wait for this.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new();

    /// <summary>By model: told when a call has come.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Entered { get; } = new();

    public bool Available { get; set; } = true;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A model x FP32 [-1, width] → p FP32 [-1, columns], and label INT64 [-1], the column of the largest.</summary>
    public void AddModel(string name, int width, int columns, Func<float[], float[]> function)
    {
        _functions[name] = function;
        AddVersion(
            name,
            new ModelSignature
            {
                Inputs = [Tensor("x", "FP32", -1, width)],
                Outputs = [Tensor("p", "FP32", -1, columns), Tensor("label", "INT64", -1)],
                Task = "classification",
            },
            null
        );
    }

    public void AddVersion(string name, ModelSignature signature, string? pipeline)
    {
        Source.Add(name, 1);
        if (pipeline is not null)
            Source.Models[name] = Source.Models[name] with { IsPipeline = true };
        var id = new ModelVersionId(name, 1);
        Source.Versions[id] = new ModelVersionSnapshot
        {
            Id = id,
            Onnx = ArtifactId.Of(Encoding.UTF8.GetBytes(name)),
            Signature = signature,
            Lineage = new ModelLineage(),
            Pipeline = pipeline,
        };
    }

    public static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };

    public async Task<(PipelinePlan? Plan, string Errors)> PlanAsync(string yaml)
    {
        if (!PipelineDocument.TryParse(yaml, out var document, out var errors))
            return (null, string.Join('\n', errors));
        var signatures = await Plans.SignaturesAsync(document, Cancel);
        return PipelinePlanner.TryPlan(document, signatures, out var plan, out errors)
            ? (plan, "")
            : (null, string.Join('\n', errors));
    }

    /// <summary>Saves the pipeline as model <c>pipe</c>.</summary>
    public async Task SaveAsync(string yaml)
    {
        var (plan, errors) = await PlanAsync(yaml);
        Assert.True(plan is not null, errors);
        AddVersion("pipe", plan.Signature, yaml);
    }

    public async Task<InferenceResponse> CallAsync(string model, params float[][] rows) =>
        await Invoker.InvokeAsync(
            new InferenceCall(model, ""),
            new InferenceRequest { Id = "r", Inputs = [Rows("x", rows)] },
            Cancel
        );

    public async ValueTask<InferenceResponse> PredictAsync(
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        Entered.GetOrAdd(version.Name, _ => new()).TrySetResult();
        if (Gates.TryGetValue(version.Name, out var gate))
            await gate.Task.WaitAsync(cancellationToken);
        TensorValidation.Check(version, Source.Versions[version].Signature, request);
        var rows = Floats(request.Inputs[0]);
        Calls.GetOrAdd(version.Name, _ => new()).Enqueue(rows);
        var answers = rows.Select(_functions[version.Name]).ToArray();
        var labels = answers.Select(a => (long)Array.IndexOf(a, a.Max())).ToArray();
        return new InferenceResponse
        {
            Model = version.Name,
            Version = version.Version,
            Id = request.Id,
            Outputs =
            [
                .. new[]
                {
                    Rows("p", answers),
                    new InferenceTensor
                    {
                        Name = "label",
                        Datatype = "INT64",
                        Shape = [rows.Length],
                        Data = MemoryMarshal.AsBytes(labels.AsSpan()).ToArray(),
                    },
                }.Where(t => request.Outputs.Count == 0 || request.Outputs.Contains(t.Name)),
            ],
        };
    }

    public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        Entered.GetOrAdd(version.Name, _ => new()).TrySetResult();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ModelSignature> GetSignatureAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => new(Source.Versions[version].Signature);

    public static InferenceTensor Rows(string name, float[][] rows) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [rows.Length, rows[0].Length],
            Data = MemoryMarshal.AsBytes(rows.SelectMany(r => r).ToArray().AsSpan()).ToArray(),
        };

    public static float[][] Floats(InferenceTensor tensor)
    {
        var values = MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray();
        var rows = (int)tensor.Shape[0];
        return rows == 0 ? [] : [.. values.Chunk(values.Length / rows)];
    }

    public static long[] Integers(InferenceTensor tensor) =>
        MemoryMarshal.Cast<byte, long>(tensor.Data.Span).ToArray();

    public static string[] Texts(InferenceTensor tensor)
    {
        List<string> texts = [];
        for (var data = tensor.Data.Span; data.Length > 0; )
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            texts.Add(Encoding.UTF8.GetString(data.Slice(4, length)));
            data = data[(4 + length)..];
        }
        return [.. texts];
    }
}
