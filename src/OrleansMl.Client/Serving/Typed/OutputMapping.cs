using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>From a model's outputs to rows. Checked once against a version's signature, compiled once a type.</summary>
internal sealed class OutputMapping<TRow>
{
    private readonly (TypedProperty Property, string Output)[] _outputs;
    private readonly Func<OutputColumn[], int, TRow> _make;

    /// <exception cref="InvalidInputException">The type doesn't fit the model; the message names the property, what was expected and what was found.</exception>
    [RequiresDynamicCode("Compiles access to properties.")]
    [RequiresUnreferencedCode("Reads a type's properties and constructors.")]
    public OutputMapping(ModelDescription model)
    {
        var name = $"'{model.Model}@{model.Version}'";
        var outputs = new List<(TypedProperty, string)>();
        foreach (var property in TypedProperty.Of(typeof(TRow)))
        {
            var tensor =
                property.Find(model.Outputs)
                ?? throw new InvalidInputException(
                    $"{property.Place}: {name} has no output '{property.Tensor ?? property.Property.Name}', it gives {ModelText.Of(model.Outputs)}; rename the property by [Tensor(\"…\")] or leave it out by [Tensor(Ignore = true)]."
                );
            if (tensor.Datatype != property.Datatype)
                throw new InvalidInputException(
                    $"{property.Place} is {property.Property.PropertyType.Name} ({property.Datatype}), expected {TensorTypes.ElementOf(tensor.Datatype)?.Name ?? "no .NET type"} for the output {ModelText.Of(tensor)} of {name}."
                );
            outputs.Add((property, tensor.Name));
        }
        _outputs = [.. outputs];
        _make = Maker([.. outputs.Select(output => output.Item1)]);
    }

    /// <summary>The outputs to ask for.</summary>
    public IReadOnlyList<string> Outputs => [.. _outputs.Select(o => o.Output).Distinct()];

    /// <summary>Makes the rows.</summary>
    /// <exception cref="InvalidOperationException">An output is not what the signature said.</exception>
    [RequiresDynamicCode("Makes generic types of properties' types.")]
    public IReadOnlyList<TRow> Make(InferenceResponse response, int rows)
    {
        var columns = new OutputColumn[_outputs.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var (property, name) = _outputs[i];
            var tensor =
                response.Outputs.FirstOrDefault(o => o.Name == name)
                ?? throw new InvalidOperationException(
                    $"{property.Place}: '{response.Model}@{response.Version}' gave no output '{name}'."
                );
            columns[i] = (OutputColumn)
                Activator.CreateInstance(
                    typeof(OutputColumn<>).MakeGenericType(property.Property.PropertyType),
                    property
                )!;
            columns[i].Read(tensor, rows);
        }
        var made = new TRow[rows];
        for (var i = 0; i < rows; i++)
            made[i] = _make(columns, i);
        return made;
    }

    [RequiresDynamicCode("Compiles access to properties.")]
    [RequiresUnreferencedCode("Reads a type's constructors.")]
    private static Func<OutputColumn[], int, TRow> Maker(IReadOnlyList<TypedProperty> properties)
    {
        var columns = Expression.Parameter(typeof(OutputColumn[]));
        var row = Expression.Parameter(typeof(int));
        // The constructor with the most parameters that properties fill; the rest is set.
        var constructor = typeof(TRow)
            .GetConstructors()
            .Where(c => c.GetParameters().All(p => IndexOf(properties, p) >= 0))
            .MaxBy(c => c.GetParameters().Length);
        if (constructor is null && !typeof(TRow).IsValueType)
            throw new InvalidInputException(
                $"{typeof(TRow).Name} has no public constructor whose parameters are all properties that stand for outputs."
            );
        var parameters = constructor?.GetParameters() ?? [];
        var made = constructor is null
            ? Expression.New(typeof(TRow))
            : Expression.New(constructor, parameters.Select(p => Value(IndexOf(properties, p))));
        var set = new List<MemberBinding>();
        for (var i = 0; i < properties.Count; i++)
        {
            if (parameters.Any(p => IndexOf(properties, p) == i))
                continue;
            if (!properties[i].Property.CanWrite)
                throw new InvalidInputException(
                    $"{properties[i].Place} can't be set: give it 'init' or a constructor's parameter, or leave it out by [Tensor(Ignore = true)]."
                );
            set.Add(Expression.Bind(properties[i].Property, Value(i)));
        }
        return Expression
            .Lambda<Func<OutputColumn[], int, TRow>>(Expression.MemberInit(made, set), columns, row)
            .Compile();

        Expression Value(int index) =>
            Expression.ArrayIndex(
                Expression.Property(
                    Expression.Convert(
                        Expression.ArrayIndex(columns, Expression.Constant(index)),
                        typeof(OutputColumn<>).MakeGenericType(
                            properties[index].Property.PropertyType
                        )
                    ),
                    "Values"
                ),
                row
            );
    }

    private static int IndexOf(IReadOnlyList<TypedProperty> properties, ParameterInfo parameter)
    {
        for (var i = 0; i < properties.Count; i++)
        {
            if (
                string.Equals(
                    properties[i].Property.Name,
                    parameter.Name,
                    StringComparison.OrdinalIgnoreCase
                )
                && properties[i].Property.PropertyType == parameter.ParameterType
            )
                return i;
        }
        return -1;
    }
}
