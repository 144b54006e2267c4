using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace OrleansMl.Silo.Operations;

/// <summary>
/// Fills options from configuration and collects every error: a key that no option has, a value of the wrong kind. The
/// framework's binder passes over unknown keys, adds to default lists and stops at the first error.
/// </summary>
internal sealed class ConfigurationReader(IConfiguration configuration)
{
    private readonly List<string> _errors = [];

    /// <summary>What was wrong so far; each entry names the key.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Sets the options' properties that the section has.</summary>
    public T Fill<T>(string section, T options)
        where T : class
    {
        Fill(configuration.GetSection(section), options);
        return options;
    }

    /// <summary>Refuses sections below one, or at the root when it is empty, that nobody reads.</summary>
    public void CheckSections(string parent)
    {
        var known = ConfigurationSections.Below(parent);
        var children = parent.Length == 0 ? configuration : configuration.GetSection(parent);
        foreach (var section in children.GetChildren())
        {
            if (!known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                _errors.Add(Unknown(section.Path, section.Key, known));
        }
    }

    private void Fill(IConfigurationSection section, object options)
    {
        var properties = options
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } || IsNested(property))
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
                _errors.Add(Unknown(child.Path, child.Key, properties.Keys));
            else if (
                TryRead(child, property.PropertyType, property.GetValue(options), out var value)
            )
                property.SetMethod?.Invoke(options, [value]);
        }
    }

    private bool TryRead(
        IConfigurationSection section,
        Type type,
        object? current,
        out object? value
    )
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            value = section.Value;
            return NoChildren(section, "text");
        }
        if (IsStringList(type))
            return TryReadList(section, out value);
        if (type.IsAssignableFrom(typeof(Dictionary<string, string>)))
        {
            value = section
                .GetChildren()
                .ToDictionary(child => child.Key, child => child.Value ?? "");
            return true;
        }
        if (TryReadNamed(section, type, out value))
            return true;
        if (IsScalar(type))
            return TryReadScalar(section, type, out value);
        value = current ?? Activator.CreateInstance(type)!;
        Fill(section, value);
        return true;
    }

    // Options by names of the user's, each with the keys of its class.
    private bool TryReadNamed(IConfigurationSection section, Type type, out object? value)
    {
        value = null;
        if (
            !type.IsGenericType
            || type.GetGenericTypeDefinition() != typeof(IDictionary<,>)
            || type.GetGenericArguments() is not [var key, var options]
            || key != typeof(string)
            || !options.IsClass
        )
            return false;
        var named = (IDictionary)
            Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, options))!;
        foreach (var child in section.GetChildren())
        {
            var item = Activator.CreateInstance(options)!;
            Fill(child, item);
            named.Add(child.Key, item);
        }
        value = named;
        return true;
    }

    // Children from the file give way to one comma-separated value from the environment or the command line.
    private static bool TryReadList(IConfigurationSection section, out object? value)
    {
        var items = string.IsNullOrEmpty(section.Value)
            ? section.GetChildren().Select(child => child.Value ?? "")
            : section.Value.Split(
                ',',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            );
        value = items.ToList();
        return true;
    }

    private bool TryReadScalar(IConfigurationSection section, Type type, out object? value)
    {
        value = null;
        if (!NoChildren(section, Describe(type)))
            return false;
        try
        {
            var text = section.Value ?? "";
            value = type.IsEnum
                ? Enum.Parse(type, text, ignoreCase: true)
                : TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            if (type.IsEnum && !Enum.IsDefined(type, value!))
                throw new FormatException();
            return value is not null;
        }
        catch (Exception e)
            when (e
                    is FormatException
                        or ArgumentException
                        or OverflowException
                        or NotSupportedException
            )
        {
            _errors.Add($"{section.Path}: expected {Describe(type)}, got '{section.Value}'.");
            return false;
        }
    }

    private bool NoChildren(IConfigurationSection section, string expected)
    {
        if (!section.GetChildren().Any())
            return true;
        _errors.Add($"{section.Path}: expected {expected}, got an object or a list.");
        return false;
    }

    private static bool IsNested(PropertyInfo property) =>
        !IsScalar(property.PropertyType)
        && property.PropertyType != typeof(string)
        && !typeof(IEnumerable).IsAssignableFrom(property.PropertyType);

    private static bool IsScalar(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || type == typeof(decimal)
        || type == typeof(TimeSpan)
        || type == typeof(Uri);

    private static bool IsStringList(Type type) => type.IsAssignableFrom(typeof(List<string>));

    private static string Describe(Type type)
    {
        if (type.IsEnum)
            return string.Join(" or ", Enum.GetNames(type));
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return "a number";
        if (type == typeof(TimeSpan))
            return "a time as hh:mm:ss";
        return type == typeof(Uri)
            ? "an address"
            : string.Create(CultureInfo.InvariantCulture, $"a whole number ({type.Name})");
    }

    private static string Unknown(string path, string key, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToList();
        var nearest = names
            .Where(name => Distance(key, name) <= Math.Max(2, key.Length / 3))
            .MinBy(name => Distance(key, name));
        return nearest is null
            ? $"{path}: unknown key; expected one of {string.Join(", ", names)}."
            : $"{path}: unknown key; did you mean {nearest}?";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[b.Length];
    }
}
