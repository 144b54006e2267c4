using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>A property that stands for a tensor.</summary>
/// <param name="Property">The property.</param>
/// <param name="Tensor">The tensor's name where it was given; null: the property's own.</param>
/// <param name="Shape">A row's dimensions where they were given.</param>
/// <param name="Datatype">The datatype of its elements.</param>
/// <param name="Value">Its <see cref="TensorValue{TValue}"/>.</param>
internal sealed record TypedProperty(
    PropertyInfo Property,
    string? Tensor,
    long[]? Shape,
    string Datatype,
    object Value
)
{
    /// <summary>The property for a message.</summary>
    public string Place => $"{Property.DeclaringType!.Name}.{Property.Name}";

    /// <summary>All of a type's.</summary>
    /// <exception cref="InvalidInputException">One's type stands for no tensor, or there are none.</exception>
    [RequiresDynamicCode("Makes generic types of properties' types.")]
    [RequiresUnreferencedCode("Reads a type's properties.")]
    public static IReadOnlyList<TypedProperty> Of(Type type)
    {
        var found = new List<TypedProperty>();
        foreach (
            var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanRead && p.GetIndexParameters().Length == 0)
        )
        {
            var attribute = property.GetCustomAttribute<TensorAttribute>() ?? OnParameter(property);
            if (attribute?.Ignore == true)
                continue;
            var (datatype, value) =
                TensorTypes.Of(property.PropertyType)
                ?? throw new InvalidInputException(
                    $"{type.Name}.{property.Name} is {property.PropertyType.Name}, which stands for no tensor: expected bool, a number, string, an array of one of them (of numbers with several dimensions too), Memory<T> or ReadOnlyMemory<T>; or leave it out by [Tensor(Ignore = true)]."
                );
            found.Add(
                new TypedProperty(property, attribute?.Name, attribute?.Shape, datatype, value)
            );
        }
        return found.Count > 0
            ? found
            : throw new InvalidInputException(
                $"{type.Name} has no public property that stands for a tensor."
            );
    }

    /// <summary>The tensor that this property stands for; null: the model has none of its name.</summary>
    public TensorSignature? Find(IReadOnlyList<TensorSignature> tensors) =>
        Tensor is not null
            ? tensors.FirstOrDefault(t => t.Name == Tensor)
            : tensors.FirstOrDefault(t => t.Name == Property.Name)
                ?? tensors.FirstOrDefault(t =>
                    string.Equals(t.Name, Property.Name, StringComparison.OrdinalIgnoreCase)
                );

    // A record's attribute stands at its parameter unless it says otherwise.
    [RequiresUnreferencedCode("Reads a type's constructors.")]
    private static TensorAttribute? OnParameter(PropertyInfo property) =>
        property
            .DeclaringType!.GetConstructors()
            .SelectMany(c => c.GetParameters())
            .FirstOrDefault(p =>
                p.Name == property.Name && p.ParameterType == property.PropertyType
            )
            ?.GetCustomAttribute<TensorAttribute>();
}
