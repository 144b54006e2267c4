using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>The peer's JSON, by generated code.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PeerRequest))]
[JsonSerializable(typeof(PeerResponse))]
internal sealed partial class PeerJson : JsonSerializerContext;
