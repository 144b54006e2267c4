using System.Reflection;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>Types as C# writes them.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (System.Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + '?';
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        var plain = type.Name.Split('`')[0];
        return type.IsGenericType
            ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : plain;
    }

    public static string Of(PropertyInfo property) =>
        Told(property.PropertyType, new NullabilityInfoContext().Create(property).ReadState);

    public static string Of(FieldInfo field) =>
        Told(field.FieldType, new NullabilityInfoContext().Create(field).ReadState);

    public static string Of(MethodInfo method) =>
        Told(
            method.ReturnType,
            new NullabilityInfoContext().Create(method.ReturnParameter).ReadState
        );

    public static string Of(IEnumerable<ParameterInfo> parameters) =>
        string.Join(", ", parameters.Select(p => $"{Direction(p)}{Of(p)} {p.Name}"));

    public static string Arguments(MethodInfo method) =>
        method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
            : "";

    private static string Of(ParameterInfo parameter) =>
        Told(parameter.ParameterType, new NullabilityInfoContext().Create(parameter).ReadState);

    private static string Direction(ParameterInfo parameter)
    {
        if (parameter.IsOut)
            return "out ";
        return parameter.ParameterType.IsByRef ? "ref " : "";
    }

    private static string Told(Type type, NullabilityState state)
    {
        var name = Name(type);
        return state == NullabilityState.Nullable && !name.EndsWith('?') ? name + '?' : name;
    }
}
