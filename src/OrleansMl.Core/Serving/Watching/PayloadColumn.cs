using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Values of one input or output as a data set's column. Not thread-safe.</summary>
internal sealed class PayloadColumn
{
    private readonly string _datatype;
    private readonly int _width;
    private readonly List<double> _numbers = [];
    private readonly List<long> _integers = [];
    private readonly List<bool> _booleans = [];
    private readonly List<bool> _missing = [];
    private readonly List<string?> _texts = [];
    private readonly List<byte> _pixels = [];
    private readonly List<float> _floats = [];

    private PayloadColumn(DatasetColumn column, string datatype, int width) =>
        (Column, _datatype, _width) = (column, datatype, width);

    public DatasetColumn Column { get; }

    /// <summary>A column for a tensor whose first dimension is the rows; null where none can hold it: several texts a row, or more dimensions than a data set's image has.</summary>
    public static PayloadColumn? For(string name, InferenceTensor tensor)
    {
        if (tensor.Shape.Count == 0)
            return null;
        var rest = tensor.Shape.Skip(1).Select(size => (int)size).ToArray();
        var width = rest.Aggregate(1, (a, b) => a * b);
        var isText = tensor.Datatype == TensorDatatypes.Bytes;
        if (width < 1 || (isText && width > 1))
            return null;
        var kind =
            width > 1
                ? tensor.Datatype == "UINT8" && rest is [_, _, 1 or 3 or 4]
                    ? ColumnKind.Image
                    : ColumnKind.Vector
                : isText
                    ? ColumnKind.Text
                    : tensor.Datatype == "BOOL"
                        ? ColumnKind.Boolean
                        : tensor.Datatype.Contains("INT", StringComparison.Ordinal)
                            ? ColumnKind.Integer
                            : ColumnKind.Number;
        return new PayloadColumn(
            new DatasetColumn
            {
                Name = name,
                Kind = kind,
                Shape = kind switch
                {
                    ColumnKind.Image => rest,
                    ColumnKind.Vector => [width],
                    _ => [],
                },
            },
            tensor.Datatype,
            width
        );
    }

    /// <summary>A column of texts.</summary>
    public static PayloadColumn Text(string name) =>
        new(new DatasetColumn { Name = name, Kind = ColumnKind.Text }, TensorDatatypes.Bytes, 1);

    /// <summary>A column of whole numbers.</summary>
    public static PayloadColumn Integer(string name) =>
        new(new DatasetColumn { Name = name, Kind = ColumnKind.Integer }, "INT64", 1);

    /// <summary>Whether the tensor is like the one that the column was made for.</summary>
    public bool Fits(InferenceTensor tensor) =>
        tensor.Datatype == _datatype
        && tensor.Shape.Count > 0
        && TensorElement.Elements(tensor) == tensor.Shape[0] * _width;

    public void Add(string? text) => _texts.Add(text);

    public void Add(long number)
    {
        _integers.Add(number);
        _missing.Add(false);
    }

    public void Add(InferenceTensor tensor)
    {
        var data = tensor.Data.Span;
        var elements = TensorElement.Elements(tensor);
        var offset = 0;
        if (Column.Kind == ColumnKind.Image)
        {
            _pixels.AddRange(data);
            return;
        }
        for (var i = 0; i < elements; i++)
        {
            switch (Column.Kind)
            {
                case ColumnKind.Text:
                    _texts.Add(TensorElement.Category(_datatype, data, i, ref offset));
                    break;
                case ColumnKind.Boolean:
                    _booleans.Add(data[i] != 0);
                    _missing.Add(false);
                    break;
                case ColumnKind.Integer:
                    var value = TensorElement.Integer(_datatype, data, i);
                    _integers.Add(value ?? 0);
                    _missing.Add(value is null);
                    break;
                case ColumnKind.Vector:
                    _floats.Add((float)TensorElement.Number(_datatype, data, i));
                    break;
                default:
                    _numbers.Add(TensorElement.Number(_datatype, data, i));
                    break;
            }
        }
    }

    public ColumnBatch ToBatch() =>
        Column.Kind switch
        {
            ColumnKind.Text => new ColumnBatch { Texts = [.. _texts] },
            ColumnKind.Boolean => new ColumnBatch
            {
                Booleans = [.. _booleans],
                Missing = [.. _missing],
            },
            ColumnKind.Integer => new ColumnBatch
            {
                Integers = [.. _integers],
                Missing = [.. _missing],
            },
            ColumnKind.Image => new ColumnBatch { Pixels = [.. _pixels] },
            ColumnKind.Vector => new ColumnBatch { Vectors = [.. _floats] },
            _ => new ColumnBatch { Numbers = [.. _numbers] },
        };
}
