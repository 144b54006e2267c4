using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Serving.Repository;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Configurations and statistics as messages.</summary>
internal static class ProtocolMessages
{
    public static ModelConfig Of(ModelConfiguration configuration)
    {
        var config = new ModelConfig
        {
            Name = configuration.Version.Name,
            Platform = ModelConfiguration.Platform,
            Backend = ModelConfiguration.Backend,
            VersionPolicy = new ModelVersionPolicy
            {
                Specific = new ModelVersionPolicy.Types.Specific
                {
                    Versions = { configuration.Version.Version },
                },
            },
        };
        foreach (var tensor in configuration.Signature.Inputs)
        {
            var input = new ModelInput { Name = tensor.Name, DataType = TypeOf(tensor.Datatype) };
            input.Dims.AddRange(tensor.Shape);
            config.Input.Add(input);
        }
        foreach (var tensor in configuration.Signature.Outputs)
        {
            var output = new ModelOutput { Name = tensor.Name, DataType = TypeOf(tensor.Datatype) };
            output.Dims.AddRange(tensor.Shape);
            config.Output.Add(output);
        }
        if (configuration.IsCached)
            config.ResponseCache = new ModelResponseCache { Enable = true };
        if (configuration.Sequences is { } sequences)
            config.SequenceBatching = Of(configuration, sequences);
        else if (configuration.Batching is { } batching)
            config.DynamicBatching = new ModelDynamicBatching
            {
                PreferredBatchSize = { batching.MaxBatchSize },
                MaxQueueDelayMicroseconds = (ulong)batching.MaxQueueDelayMicroseconds,
            };
        foreach (var (name, value) in configuration.Parameters)
            config.Parameters[name] = new ModelParameter { StringValue = value };
        return config;
    }

    private static ModelSequenceBatching Of(
        ModelConfiguration configuration,
        SequencePolicy sequences
    )
    {
        var message = new ModelSequenceBatching
        {
            MaxSequenceIdleMicroseconds = (ulong)sequences.IdleSeconds * 1_000_000,
            Oldest = new ModelSequenceBatching.Types.StrategyOldest
            {
                MaxCandidateSequences = sequences.MaxSequences,
            },
        };
        foreach (var (state, input) in configuration.States)
        {
            var piece = new ModelSequenceBatching.Types.State
            {
                InputName = state.Input,
                OutputName = state.Output,
                DataType = TypeOf(input.Datatype),
            };
            piece.Dims.AddRange(input.Shape);
            message.State.Add(piece);
        }
        return message;
    }

    public static ModelStatistics Of(VersionStatistics statistics)
    {
        var message = new ModelStatistics
        {
            Name = statistics.Version.Name,
            Version = statistics.Version.Version.ToString(),
            LastInference = (ulong)statistics.LastInferenceMilliseconds,
            InferenceCount = (ulong)statistics.InferenceCount,
            ExecutionCount = (ulong)statistics.ExecutionCount,
            InferenceStats = new InferStatistics
            {
                Success = Of(statistics.Success),
                Fail = Of(statistics.Fail),
                Queue = Of(statistics.Queue),
                ComputeInput = Of(statistics.ComputeInput),
                ComputeInfer = Of(statistics.ComputeInfer),
                ComputeOutput = Of(statistics.ComputeOutput),
                CacheHit = Of(statistics.CacheHit),
                CacheMiss = Of(statistics.CacheMiss),
            },
        };
        foreach (var batch in statistics.Batches)
            message.BatchStats.Add(
                new InferBatchStatistics
                {
                    BatchSize = (ulong)batch.BatchSize,
                    ComputeInput = Of(batch.ComputeInput),
                    ComputeInfer = Of(batch.ComputeInfer),
                    ComputeOutput = Of(batch.ComputeOutput),
                }
            );
        return message;
    }

    private static StatisticDuration Of(DurationStatistics duration) =>
        new() { Count = (ulong)duration.Count, Ns = (ulong)duration.Nanoseconds };

    private static DataType TypeOf(string datatype) =>
        datatype switch
        {
            "BOOL" => DataType.TypeBool,
            "UINT8" => DataType.TypeUint8,
            "UINT16" => DataType.TypeUint16,
            "UINT32" => DataType.TypeUint32,
            "UINT64" => DataType.TypeUint64,
            "INT8" => DataType.TypeInt8,
            "INT16" => DataType.TypeInt16,
            "INT32" => DataType.TypeInt32,
            "INT64" => DataType.TypeInt64,
            "FP16" => DataType.TypeFp16,
            "BF16" => DataType.TypeBf16,
            "FP32" => DataType.TypeFp32,
            "FP64" => DataType.TypeFp64,
            "BYTES" => DataType.TypeString,
            _ => DataType.TypeInvalid,
        };
}
