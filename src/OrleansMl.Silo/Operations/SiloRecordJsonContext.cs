using System.Text.Json.Serialization;

namespace OrleansMl.Silo.Operations;

/// <summary>JSON of <see cref="SiloRecord"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true
)]
[JsonSerializable(typeof(SiloRecord))]
internal sealed partial class SiloRecordJsonContext : JsonSerializerContext;
