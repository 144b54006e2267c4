using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>docs/options.md: every key that a silo reads, from the options classes and their doc comments.</summary>
internal static class OptionsPage
{
    private const string Head = """
        # Options of a silo

        Generated from the options classes by `scripts/docs`; edit the doc comments in the code, not this page.

        Keys are read from three places; later ones win: the JSON file of `--config`, the environment (`OML_Silo__Name=silo-2`:
        the prefix `OML_`, two underscores between parts), the command line (`--Silo:Name silo-2`). A list is a JSON array, or one
        value with commas (`--Silo:Roles gateway,serve`). Times of the type *time* are written `hh:mm:ss` (`00:00:10`). A key that
        no option has, a value of the wrong kind or out of range ends the start with exit code 2 and an error that names the key;
        `OrleansMl.Silo --check` only checks. All changes need a restart.

        Log levels are set as usual in .NET, in the section `Logging`: `--Logging:LogLevel:OrleansMl Debug`.

        """;

    // Defaults that depend on the machine or that the silo derives from other keys.
    private static readonly Dictionary<string, string> Derived = new()
    {
        ["OrleansMl:Predictor:Threads"] = "number of processors",
        ["Storage:Database:ConnectionString"] = "`oml.db` in `Silo:DataDirectory`",
        ["Storage:Artifacts:Path"] = "`artifacts` in `Silo:DataDirectory`",
        ["Storage:Artifacts:CachePath"] = "`cache` in `Silo:DataDirectory`",
        ["Gateway:SpoolDirectory"] = "`uploads` in `Silo:DataDirectory`",
    };

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(Head);
        foreach (
            var (section, create) in ConfigurationSections.Held.Concat(ConfigurationSections.Others)
        )
        {
            var options = create();
            var about = XmlDocs.Of(options.GetType().Assembly).Summary(options.GetType());
            page.Append(
                $"\n## `{section}`\n\n{about}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
            );
            foreach (var key in Keys(section, options))
                page.Append($"| `{key.Path}` | {key.Type} | {key.Default} | {key.Meaning} |\n");
        }
        return page.ToString();
    }

    /// <summary>Every key of a section, those of nested options too.</summary>
    public static IEnumerable<OptionKey> Keys(string section, object options)
    {
        var docs = XmlDocs.Of(options.GetType().Assembly);
        foreach (var property in Settable(options.GetType()))
        {
            var path = $"{section}:{property.Name}";
            var value = property.GetValue(options);
            if (value is not null && IsNested(property.PropertyType))
            {
                foreach (var key in Keys(path, value))
                    yield return key;
                continue;
            }
            // Options by names of the user's: the class's keys below any of them.
            if (NamedOptions(property.PropertyType) is { } named)
            {
                foreach (var key in Keys($"{path}:NAME", Activator.CreateInstance(named)!))
                    yield return key;
                continue;
            }
            var meaning = docs.Summary(property).Replace("|", "\\|", StringComparison.Ordinal);
            yield return new OptionKey(
                path,
                Kind(property.PropertyType),
                Derived.GetValueOrDefault(path) ?? Text(value),
                meaning
            );
        }
    }

    /// <summary>The properties that configuration fills.</summary>
    public static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.SetMethod is { IsPublic: true } set && !IsInit(set))
            .OrderBy(property => property.MetadataToken);

    /// <summary>Whether a property's type is options of its own.</summary>
    public static bool IsNested(Type type) =>
        type.Name.EndsWith("Options", StringComparison.Ordinal);

    /// <summary>The options class of a property that holds several by names of the user's; null: it is none.</summary>
    public static Type? NamedOptions(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [_, var options] && IsNested(options)
            ? options
            : null;

    private static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");

    private static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return string.Join(" or ", Enum.GetNames(type).Select(name => $"`{name}`"));
        if (type == typeof(bool))
            return "`true` or `false`";
        if (type == typeof(string))
            return "text";
        if (type == typeof(Uri))
            return "address";
        if (type == typeof(TimeSpan))
            return "time";
        if (type == typeof(double) || type == typeof(float))
            return "number";
        if (type.IsPrimitive)
            return "whole number";
        return type.IsGenericType && type.GetGenericArguments().Length == 2
            ? "names with values"
            : "list";
    }

    private static string Text(object? value) =>
        value switch
        {
            null or "" => "none",
            bool flag => flag ? "`true`" : "`false`",
            string text => $"`{text}`",
            IDictionary or IEnumerable<KeyValuePair<string, string>> => "none",
            IEnumerable<string> list => list.Any() ? $"`{string.Join(',', list)}`" : "none",
            TimeSpan time => $"`{time:c}`",
            IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
            _ => $"`{value}`",
        };
}
