using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>From rows to a model's inputs. Checked once against a version's signature, compiled once a type.</summary>
internal sealed class InputMapping<TRow>
{
    private readonly ModelDescription _model;
    private readonly InputColumn<TRow>[] _columns;

    /// <exception cref="InvalidInputException">The type doesn't fit the model; the message names the property, what was expected and what was found.</exception>
    [RequiresDynamicCode("Compiles access to properties.")]
    [RequiresUnreferencedCode("Reads a type's properties.")]
    public InputMapping(ModelDescription model)
    {
        _model = model;
        var properties = TypedProperty.Of(typeof(TRow));
        var name = $"'{model.Model}@{model.Version}'";
        var columns = new List<InputColumn<TRow>>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in properties)
        {
            var tensor =
                property.Find(model.Inputs)
                ?? throw new InvalidInputException(
                    $"{property.Place}: {name} has no input '{property.Tensor ?? property.Property.Name}', it takes {ModelText.Of(model.Inputs)}; rename the property by [Tensor(\"…\")] or leave it out by [Tensor(Ignore = true)]."
                );
            if (tensor.Datatype != property.Datatype)
                throw new InvalidInputException(
                    $"{property.Place} is {property.Property.PropertyType.Name} ({property.Datatype}), expected {TensorTypes.ElementOf(tensor.Datatype)?.Name ?? "no .NET type"} for the input {ModelText.Of(tensor)} of {name}."
                );
            if (!taken.Add(tensor.Name))
                throw new InvalidInputException(
                    $"{property.Place} and another property stand for the input '{tensor.Name}' of {name}."
                );
            columns.Add(
                (InputColumn<TRow>)
                    Activator.CreateInstance(
                        typeof(InputColumn<,>).MakeGenericType(
                            typeof(TRow),
                            property.Property.PropertyType
                        ),
                        property,
                        Getter(property),
                        tensor
                    )!
            );
        }
        if (model.Inputs.FirstOrDefault(input => !taken.Contains(input.Name)) is { } missing)
            throw new InvalidInputException(
                $"{typeof(TRow).Name} has no property for the input {ModelText.Of(missing)} of {name}."
            );
        _columns = [.. columns];
    }

    /// <summary>Makes the inputs.</summary>
    /// <exception cref="InvalidInputException">A row's values can't be a row of an input.</exception>
    public IReadOnlyList<InferenceTensor> Make(IReadOnlyList<TRow> rows)
    {
        foreach (var input in _model.Inputs)
        {
            var most = input.Shape.Count == 0 ? 1 : input.Shape[0];
            if (most >= 0 && rows.Count != most)
                throw new InvalidInputException(
                    $"'{_model.Model}@{_model.Version}' takes {most} rows at a time for {ModelText.Of(input)}, got {rows.Count}."
                );
        }
        return [.. _columns.Select(column => column.Make(rows))];
    }

    [RequiresDynamicCode("Compiles access to properties.")]
    [RequiresUnreferencedCode("Reads a type's properties.")]
    private static Delegate Getter(TypedProperty property)
    {
        var row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda(Expression.Property(row, property.Property), row).Compile();
    }
}
