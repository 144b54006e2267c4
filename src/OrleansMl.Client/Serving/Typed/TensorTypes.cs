using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Which .NET types stand for which of the protocol's datatypes.</summary>
internal static class TensorTypes
{
    private static readonly Dictionary<Type, string> Datatypes = new()
    {
        [typeof(bool)] = "BOOL",
        [typeof(byte)] = "UINT8",
        [typeof(ushort)] = "UINT16",
        [typeof(uint)] = "UINT32",
        [typeof(ulong)] = "UINT64",
        [typeof(sbyte)] = "INT8",
        [typeof(short)] = "INT16",
        [typeof(int)] = "INT32",
        [typeof(long)] = "INT64",
        [typeof(Half)] = "FP16",
        [typeof(float)] = "FP32",
        [typeof(double)] = "FP64",
        [typeof(string)] = "BYTES",
    };

    /// <summary>The .NET type of a datatype's elements; null: none (BF16).</summary>
    public static Type? ElementOf(string datatype) =>
        Datatypes.FirstOrDefault(entry => entry.Value == datatype).Key;

    /// <summary>A property's datatype and how its values are elements; null: its type stands for no tensor.</summary>
    [RequiresDynamicCode("Makes generic types of properties' types.")]
    [RequiresUnreferencedCode("Makes generic types of properties' types.")]
    public static (string Datatype, object Value)? Of(Type type)
    {
        if (type == typeof(string))
            return ("BYTES", new TextValue());
        if (type == typeof(string[]))
            return ("BYTES", new TextsValue());
        if (Datatypes.TryGetValue(type, out var scalar))
            return (scalar, Make(typeof(ScalarValue<>), type));
        if (Element(type) is not { } element || !Datatypes.TryGetValue(element, out var datatype))
            return null;
        if (element == typeof(string))
            return null;
        if (type.IsArray && type.GetArrayRank() > 1)
            return (datatype, Make(typeof(GridValue<,>), element, type));
        var maker = typeof(TensorTypes).GetMethod(
            type.IsArray ? nameof(OfArray)
                : type.GetGenericTypeDefinition() == typeof(Memory<>) ? nameof(OfMemory)
                : nameof(OfReadOnlyMemory),
            System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static
        )!;
        return (datatype, maker.MakeGenericMethod(element).Invoke(null, null)!);
    }

    private static Type? Element(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType
        && type.GetGenericTypeDefinition() is var definition
        && (definition == typeof(Memory<>) || definition == typeof(ReadOnlyMemory<>))
            ? type.GetGenericArguments()[0]
        : null;

    [RequiresDynamicCode("Makes generic types.")]
    [RequiresUnreferencedCode("Makes generic types.")]
    private static object Make(Type definition, params Type[] arguments) =>
        Activator.CreateInstance(definition.MakeGenericType(arguments))!;

    private static FlatValue<T, T[]> OfArray<T>()
        where T : unmanaged => new(static values => values, static values => values);

    private static FlatValue<T, Memory<T>> OfMemory<T>()
        where T : unmanaged => new(static values => values, static values => values);

    private static FlatValue<T, ReadOnlyMemory<T>> OfReadOnlyMemory<T>()
        where T : unmanaged => new(static values => values, static values => values);
}
