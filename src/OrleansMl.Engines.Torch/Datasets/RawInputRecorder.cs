using System.Buffers.Binary;
using System.Text;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Keeps the first rows of a split as a caller of the served model would send them.</summary>
internal sealed class RawInputRecorder(ModelPlan plan, int rows)
{
    private readonly List<MemoryStream> _data = [.. plan.Inputs.Select(_ => new MemoryStream())];
    private int _recorded;

    /// <summary>Whether it has all the rows that it wants.</summary>
    public bool Full => _recorded >= rows;

    /// <summary>Adds a row.</summary>
    public void Add(IReadOnlyList<ColumnBatch> columns, int row)
    {
        for (var i = 0; i < _data.Count; i++)
            _data[i].Write(Bytes(plan.Inputs[i].Transform, columns[i], row));
        _recorded++;
    }

    /// <summary>The model's inputs.</summary>
    public IReadOnlyList<InferenceTensor> ToTensors() =>
        [
            .. PlanSignature
                .Of(plan)
                .Inputs.Select(
                    (input, i) =>
                        new InferenceTensor
                        {
                            Name = input.Name,
                            Datatype = input.Datatype,
                            Shape = [_recorded, .. input.Shape.Skip(1)],
                            Data = _data[i].ToArray(),
                        }
                ),
        ];

    private static byte[] Bytes(InputTransform transform, ColumnBatch column, int row)
    {
        switch (transform)
        {
            case ImageTransform image:
                var size = image.Height * image.Width * image.Channels;
                return column.Pixels.AsSpan(row * size, size).ToArray();
            case NumberTransform:
                return BitConverter.GetBytes(TableColumnWriter.RawNumber(column, row));
            case BinaryTransform binary:
                return [(byte)(TableColumnWriter.RawFlag(column, row) ?? binary.Fill ? 1 : 0)];
            case CategoryTransform { FromInteger: true }:
                var missing = column.Missing?[row] ?? false;
                return BitConverter.GetBytes(missing ? long.MinValue : column.Integers![row]);
            case CategoryTransform:
                var text = Encoding.UTF8.GetBytes(TableColumnWriter.RawText(column, row));
                var prefix = new byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)text.Length);
                return [.. prefix, .. text];
            case VectorTransform vector:
                return
                [
                    .. column
                        .Vectors!.Skip(row * vector.Length)
                        .Take(vector.Length)
                        .SelectMany(BitConverter.GetBytes),
                ];
            default:
                throw new NotSupportedException($"{transform.GetType().Name} has no raw form.");
        }
    }
}
