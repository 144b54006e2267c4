using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads examples by name, <c>{"instances":[{"age":41}]}</c>, into one tensor an input of the model.</summary>
internal static class InstanceReader
{
    private const string Instances = "instances";
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = InferenceRequestReader.MaxDepth,
    };

    public static IReadOnlyList<InferenceTensor> Read(
        ReadOnlyMemory<byte> body,
        ModelSignature signature,
        int maxInstances
    ) => Read(body, signature, maxInstances, out _);

    /// <summary>Reads the examples, and whether their answers are to be explained.</summary>
    public static IReadOnlyList<InferenceTensor> Read(
        ReadOnlyMemory<byte> body,
        ModelSignature signature,
        int maxInstances,
        out ExplanationRequest? explain
    )
    {
        using var document = JsonDocument.Parse(body, Options);
        if (
            document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty(Instances, out var instances)
            || instances.ValueKind != JsonValueKind.Array
        )
            throw new InvalidInputException(
                $"The body: expected an object with the array '{Instances}'."
            );
        explain = ExplainParameter.Of(document.RootElement);
        var count = instances.GetArrayLength();
        if (count < 1 || count > maxInstances)
            throw new InvalidInputException(
                $"{Instances}: expected 1 to {maxInstances} examples, got {count}."
            );
        var columns = signature.Inputs.Select(input => new InstanceColumn(input, count)).ToArray();
        var index = 0;
        foreach (var instance in instances.EnumerateArray())
            Append(columns, instance, index++);
        return [.. columns.Select(column => column.ToTensor())];
    }

    private static void Append(InstanceColumn[] columns, JsonElement instance, int index)
    {
        if (instance.ValueKind != JsonValueKind.Object)
        {
            if (columns.Length != 1)
                throw new InvalidInputException(
                    $"{Instances}[{index}]: expected an object with {Names(columns)}, got {instance.ValueKind}."
                );
            columns[0].Append(instance, index);
            return;
        }
        foreach (var property in instance.EnumerateObject())
        {
            if (columns.Any(column => property.NameEquals(column.Name)))
                continue;
            // Read first: it throws where it is no valid text, and half a message would keep its pooled memory.
            var name = property.Name;
            throw new InvalidInputException(
                $"{Instances}[{index}]: there is no input '{name}'; expected {Names(columns)}."
            );
        }
        foreach (var column in columns)
        {
            if (instance.TryGetProperty(column.Name, out var value))
                column.Append(value, index);
            else if (column.NoMissing is { } reason)
                throw new InvalidInputException(
                    $"{Instances}[{index}]: '{column.Name}' is missing; expected {Names(columns)}. {char.ToUpperInvariant(reason[0])}{reason[1..]}."
                );
            else
                column.Append(Null, index);
        }
    }

    private static string Names(InstanceColumn[] columns) =>
        string.Join(", ", columns.Select(column => $"'{column.Name}'"));
}
