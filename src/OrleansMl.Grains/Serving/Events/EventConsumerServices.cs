using Microsoft.Extensions.Logging;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Grains.Serving.Events;

/// <summary>What this silo's consumers share.</summary>
/// <param name="Groups">Leases and commits.</param>
/// <param name="Signals">Signals of topics.</param>
/// <param name="Gate">Bounds the batches at work.</param>
/// <param name="Options">Their options.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record EventConsumerServices(
    IConsumerGroups Groups,
    EventSignals Signals,
    SemaphoreSlim Gate,
    EventConsumerOptions Options,
    TimeProvider Time,
    ILogger Logger
);
