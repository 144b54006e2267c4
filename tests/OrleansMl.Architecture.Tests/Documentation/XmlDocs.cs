using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>The doc comments of an assembly, as Markdown, from the XML file that the compiler writes beside it.</summary>
internal sealed class XmlDocs
{
    private readonly Dictionary<string, XElement> _members;

    private XmlDocs(Dictionary<string, XElement> members) => _members = members;

    public static XmlDocs Of(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return new(
            XDocument
                .Load(file)
                .Descendants("member")
                .ToDictionary(member => member.Attribute("name")!.Value)
        );
    }

    /// <summary>What the member is; empty when nothing is said of it.</summary>
    public string Summary(MemberInfo member)
    {
        if (_members.TryGetValue(Id(member), out var docs))
            return Text(docs.Element("summary"));
        // The properties of a record's header are described as its parameters.
        return
            member is PropertyInfo { DeclaringType: { } record }
            && _members.TryGetValue(Id(record), out var type)
            ? Named(type, "param", member.Name)
            : "";
    }

    /// <summary>What a method's parameter is.</summary>
    public string Parameter(ParameterInfo parameter) =>
        _members.TryGetValue(Id(parameter.Member), out var docs)
            ? Named(docs, "param", parameter.Name!)
            : "";

    /// <summary>What a method returns, beyond its type.</summary>
    public string Returns(MemberInfo member) =>
        _members.TryGetValue(Id(member), out var docs) ? Text(docs.Element("returns")) : "";

    /// <summary>What a method throws: type and when.</summary>
    public IEnumerable<(string Type, string When)> Exceptions(MemberInfo member) =>
        _members.TryGetValue(Id(member), out var docs)
            ? docs.Elements("exception")
                .Select(e => (LastName(e.Attribute("cref")!.Value), Text(e)))
            : [];

    private static string Named(XElement docs, string element, string name) =>
        Text(docs.Elements(element).FirstOrDefault(e => e.Attribute("name")?.Value == name));

    private static string Text(XElement? element)
    {
        var text = new StringBuilder();
        foreach (var node in element?.Nodes() ?? [])
        {
            if (node is XText plain)
                text.Append(plain.Value);
            else if (node is XElement child)
                text.Append(Inline(child));
        }
        return string.Join(
            ' ',
            text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
    }

    private static string Inline(XElement element) =>
        element.Name.LocalName switch
        {
            "see" or "seealso" => element.Attribute("langword")?.Value is { } word
                ? $"`{word}`"
                : $"`{LastName(element.Attribute("cref")?.Value ?? element.Value)}`",
            "paramref" or "typeparamref" => $"`{element.Attribute("name")!.Value}`",
            "c" => $"`{element.Value}`",
            "item" => $" {Text(element)};",
            _ => $" {Text(element)} ",
        };

    private static string LastName(string id)
    {
        var path = id.Split('(')[0];
        var parts = path[(path.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('.');
        // A member is told with its type, a type alone.
        return path.StartsWith("T:", StringComparison.Ordinal) || parts.Length < 2
            ? parts[^1].Split('`')[0]
            : $"{parts[^2]}.{parts[^1]}".Replace("#ctor", "new", StringComparison.Ordinal);
    }

    private static string Id(MemberInfo member) =>
        member switch
        {
            Type type => "T:" + TypeId(type),
            PropertyInfo property => $"P:{TypeId(property.DeclaringType!)}.{property.Name}"
                + Parameters(property.GetIndexParameters()),
            FieldInfo field => $"F:{TypeId(field.DeclaringType!)}.{field.Name}",
            ConstructorInfo constructor =>
                $"M:{TypeId(constructor.DeclaringType!)}.#ctor{Parameters(constructor.GetParameters())}",
            MethodInfo method => $"M:{TypeId(method.DeclaringType!)}.{method.Name}"
                + (method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")
                + Parameters(method.GetParameters()),
            _ => "",
        };

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0
            ? ""
            : $"({string.Join(',', parameters.Select(p => TypeId(p.ParameterType)))})";

    private static string TypeId(Type type)
    {
        if (type.IsByRef)
            return TypeId(type.GetElementType()!) + '@';
        if (type.IsArray)
            return TypeId(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        if (!type.IsConstructedGenericType)
            return type.FullName!.Replace('+', '.');
        var definition = type.GetGenericTypeDefinition().FullName!.Replace('+', '.').Split('`')[0];
        return $"{definition}{{{string.Join(',', type.GetGenericArguments().Select(TypeId))}}}";
    }
}
