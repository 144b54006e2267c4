using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>Loads models into ONNX Runtime, a session a version.</summary>
internal sealed partial class OnnxInferenceEngine : IInferenceEngine
{
    private const string Cuda = "cuda";
    private const string CudaProvider = "CUDAExecutionProvider";

    private readonly OnnxEngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OnnxInferenceEngine> _logger;

    public OnnxInferenceEngine(
        IOptions<OnnxEngineOptions> options,
        TimeProvider time,
        ILogger<OnnxInferenceEngine> logger
    )
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        if (
            _options.ExecutionProvider == Cuda
            && !OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider)
        )
        {
            throw new InvalidOperationException(
                $"{nameof(OnnxEngineOptions)}.{nameof(OnnxEngineOptions.ExecutionProvider)} is cuda, and this build's ONNX Runtime has no CUDA; build with -p:Accelerator=cuda or set cpu."
            );
        }
    }

    public ModelSignature ReadSignature(string path)
    {
        using var session = Open(path);
        return OnnxSignature.Of(session);
    }

    public IInferenceSession Load(string path, ModelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        var began = _time.GetTimestamp();
        var session = Open(path);
        OnnxInferenceSession loaded;
        try
        {
            OnnxSignature.CheckDeclared(signature, OnnxSignature.Of(session));
            loaded = new OnnxInferenceSession(session, signature, _options.MaxOutputBytes);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        try
        {
            var call = WarmUp(loaded);
            // Batches cost less a row than a single one does, so what this allows is on the safe side.
            loaded.InlineVolume = (long)(_options.InlineThreshold / call);
            LogLoaded(
                Path.GetFileName(path),
                _time.GetElapsedTime(began).TotalMilliseconds,
                call.TotalMicroseconds,
                loaded.InlineVolume
            );
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private InferenceSession Open(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"there is no model file {path}.", path);
        if (file.Length > _options.MaxModelBytes)
        {
            throw new InvalidInputException(
                $"{file.Name} has {file.Length:N0} bytes, at most {_options.MaxModelBytes:N0} are allowed for a model."
            );
        }
        ExternalData.Refuse(path);
        using var sessionOptions = CreateOptions();
        // The runtime looks at the flag between the steps of loading, from another thread.
        using var limit = new Deadline(
            _time,
            _options.LoadTimeout,
            () => sessionOptions.SetLoadCancellationFlag(true)
        );
        try
        {
            return new InferenceSession(path, sessionOptions);
        }
        catch (OnnxRuntimeException e)
        {
            throw limit.Passed ? TooSlow("loading", e) : OnnxErrors.OfLoad(file.Name, e);
        }
    }

    private InvalidInputException TooSlow(string what, Exception inner) =>
        new($"the model's {what} took longer than {_options.LoadTimeout.TotalSeconds} s.", inner);

    private SessionOptions CreateOptions()
    {
        var created = new SessionOptions
        {
            IntraOpNumThreads = _options.IntraOpThreads,
            InterOpNumThreads = _options.InterOpThreads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableCpuMemArena = _options.UseMemoryArena,
            EnableMemoryPattern = _options.UseMemoryPattern,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // Errors come as exceptions; the native log would only repeat them on the process's error stream.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            var spinning = _options.AllowSpinning ? "1" : "0";
            created.AddSessionConfigEntry("session.intra_op.allow_spinning", spinning);
            created.AddSessionConfigEntry("session.inter_op.allow_spinning", spinning);
            if (_options.ExecutionProvider == Cuda)
                created.AppendExecutionProvider_CUDA(_options.DeviceId);
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model on zeros and empty texts, checks what it gives, and times it: the median of some calls.</summary>
    private TimeSpan WarmUp(OnnxInferenceSession session)
    {
        var inputs = session.Signature.Inputs.Select(Blank).ToList();
        using var limit = new Deadline(_time, _options.LoadTimeout, session.Terminate);
        try
        {
            CheckOutputs(session.Signature, session.Run(inputs, []));
            var calls = new TimeSpan[_options.TimedCalls];
            for (var i = 0; i < calls.Length; i++)
            {
                var began = _time.GetTimestamp();
                session.Run(inputs, []);
                calls[i] = _time.GetElapsedTime(began);
            }
            Array.Sort(calls);
            return calls[calls.Length / 2];
        }
        catch (InvalidInputException e)
        {
            if (limit.Passed)
                throw TooSlow("warm-up", e);
            throw new InvalidInputException(
                $"the model could not be run once on zeros of batch 1: {e.Message}",
                e
            );
        }
    }

    private static InferenceTensor Blank(TensorSignature input)
    {
        var shape = input.Shape.Select(d => d < 1 ? 1 : d).ToArray();
        var type = OnnxDatatypes.TypeOf(input.Datatype);
        // An empty text is its length alone: four zero bytes.
        var size = type switch
        {
            null => 0L,
            TensorElementType.String => sizeof(uint),
            { } known => OnnxDatatypes.SizeOf(known),
        };
        foreach (var dimension in shape)
        {
            size = size > int.MaxValue / dimension ? long.MaxValue : size * dimension;
            if (size > int.MaxValue)
            {
                throw new InvalidInputException(
                    $"the input '{input.Name}' of [{string.Join(", ", input.Shape)}] has more than {int.MaxValue:N0} bytes for one row."
                );
            }
        }
        return new InferenceTensor
        {
            Name = input.Name,
            Datatype = input.Datatype,
            Shape = shape,
            Data = new byte[size],
        };
    }

    private static void CheckOutputs(
        ModelSignature signature,
        IReadOnlyList<InferenceTensor> outputs
    )
    {
        foreach (var (declared, actual) in signature.Outputs.Zip(outputs))
        {
            if (
                declared.Datatype != actual.Datatype
                || !OnnxSignature.Fits(declared.Shape, actual.Shape)
            )
            {
                throw new InvalidInputException(
                    $"the output '{declared.Name}' was declared as {declared.Datatype}[{string.Join(", ", declared.Shape)}], and the model gave {actual.Datatype}[{string.Join(", ", actual.Shape)}]."
                );
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Loaded {Model} in {LoadMilliseconds:0.0} ms; a call takes {CallMicroseconds:0.0} µs, so up to {InlineVolume} rows run inline"
    )]
    private partial void LogLoaded(
        string model,
        double loadMilliseconds,
        double callMicroseconds,
        long inlineVolume
    );
}
