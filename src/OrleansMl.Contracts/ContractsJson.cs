using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts;

/// <summary>The one JSON form of the contracts: camelCase, enums as text, ids as text, nulls left out. The gateway writes it, the client and the grains' storage read it.</summary>
public static class ContractsJson
{
    /// <summary>Frozen options.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
