using System.Text.Json;
using Orleans.Storage;
using OrleansMl.Contracts;

namespace OrleansMl.Storage.Operations;

/// <summary>
/// Grain state as JSON in the contracts' form, without .NET type names: a renamed class still reads its state. Unknown
/// members are passed over, so that an older silo reads what a newer one wrote.
/// </summary>
public sealed class ContractsGrainStorageSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = ContractsJson.Options;

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) =>
        new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options);
    }
}
