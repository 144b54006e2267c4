using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Reads one output's rows.</summary>
internal abstract class OutputColumn
{
    public abstract void Read(InferenceTensor tensor, int rows);
}

/// <summary>Reads one output's rows.</summary>
internal sealed class OutputColumn<TValue>(TypedProperty property) : OutputColumn
{
    private readonly TensorValue<TValue> _value = (TensorValue<TValue>)property.Value;

    /// <summary>The values, one a row.</summary>
    public TValue[] Values { get; private set; } = [];

    public override void Read(InferenceTensor tensor, int rows)
    {
        long[] row = [.. tensor.Shape.Skip(1)];
        var first = tensor.Shape.Count == 0 ? 1 : tensor.Shape[0];
        if (
            tensor.Datatype != property.Datatype
            || first != rows
            || (_value.IsScalar && TensorData.Elements(row) != 1)
        )
            throw new InvalidOperationException(
                $"{property.Place} takes {property.Datatype}{(_value.IsScalar ? ", one element a row" : "")}, got the output {tensor.Name} {tensor.Datatype}[{string.Join(',', tensor.Shape)}] of {rows} rows."
            );
        var values = new TValue[rows];
        var at = 0;
        for (var i = 0; i < rows; i++)
            values[i] = _value.Read(tensor.Data.Span, ref at, row);
        Values = values;
    }
}
