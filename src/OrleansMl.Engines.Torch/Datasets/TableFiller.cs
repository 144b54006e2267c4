using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Appends rows to the tables of their splits and counts them.</summary>
internal sealed class TableFiller
{
    private readonly ModelPlan _plan;
    private readonly DatasetVersionId _dataset;
    private readonly SplitTable[] _tables;
    private readonly IReadOnlyList<InputGroup> _groups;
    private readonly Dictionary<string, int>?[] _vocabularies;
    private readonly Dictionary<string, int>[] _classes;
    private readonly int[] _filled = new int[3];
    private long _place;

    public TableFiller(ModelPlan plan, DatasetVersionId dataset, SplitTable[] tables)
    {
        _plan = plan;
        _dataset = dataset;
        _tables = tables;
        _groups = InputGroup.Of(_plan);
        _vocabularies =
        [
            .. _plan.Inputs.Select(input =>
                input.Transform is CategoryTransform category
                    ? category
                        .Values.Select((value, i) => (value, i))
                        .ToDictionary(p => p.value, p => p.i + 1)
                    : null
            ),
        ];
        _classes =
        [
            .. _plan.Heads.Select(head =>
                head.Classes.Select((value, i) => (value, i)).ToDictionary(p => p.value, p => p.i)
            ),
        ];
    }

    /// <summary>Adds a row of a batch.</summary>
    public void Add(DatasetBatch batch, int row)
    {
        var split = batch.Splits[row];
        if (split >= _tables.Length || _filled[split] >= _tables[split].Rows)
            throw Mismatch($"a row of split {split} past those that its statistics count");
        var table = _tables[split];
        var index = _filled[split]++;
        AddFeatures(table, index, batch.Columns, row);
        for (var i = 0; i < _plan.Heads.Count; i++)
            AddTarget(i, table.Targets[i], index, batch.Columns[_plan.Inputs.Count + i], row);
        _place++;
    }

    /// <summary>Checks that every split has the rows that the manifest counts.</summary>
    public void CheckComplete()
    {
        foreach (var (table, rows) in _tables.Zip(_filled))
        {
            if (table.Rows != rows)
                throw Mismatch(
                    $"{rows} rows in split {table.Split}, its statistics count {table.Rows}"
                );
        }
    }

    private void AddFeatures(
        SplitTable table,
        int index,
        IReadOnlyList<ColumnBatch> columns,
        int row
    )
    {
        var input = 0;
        for (var g = 0; g < _groups.Count; g++)
        {
            switch (table.Features[g])
            {
                case FeatureColumn.Image image:
                    var size = image.Pixels.Width;
                    columns[input++].Pixels.AsSpan(row * size, size).CopyTo(image.Pixels[index]);
                    break;
                case FeatureColumn.Category category:
                    category.Index[index][0] = _vocabularies[input]!.GetValueOrDefault(
                        TableColumnWriter.RawText(columns[input], row)
                    );
                    input++;
                    break;
                case FeatureColumn.Dense dense:
                    var values = dense.Values[index];
                    foreach (var member in _groups[g].Inputs)
                    {
                        TableColumnWriter.WriteDense(
                            member.Transform,
                            columns[input++],
                            row,
                            values
                        );
                        values = values[InputGroup.DenseWidthOf(member.Transform)..];
                    }
                    break;
            }
        }
    }

    private void AddTarget(int head, TargetColumn target, int index, ColumnBatch column, int row)
    {
        switch (target)
        {
            case TargetColumn.Category category:
                var label = TableColumnWriter.RawText(column, row);
                if (!_classes[head].TryGetValue(label, out var number))
                    throw new InvalidInputException(
                        $"Column '{_plan.Heads[head].Column}' of {_dataset} has the label '{label}' in row {_place}, which its statistics don't list. Import the dataset anew."
                    );
                category.Classes[index][0] = number;
                break;
            case TargetColumn.Binary binary:
                binary.Flags[index][0] =
                    TableColumnWriter.RequiredNumber(_plan.Heads[head], column, row, _place) != 0
                        ? 1
                        : 0;
                break;
            case TargetColumn.Number numbers:
                numbers.Values[index][0] = TableColumnWriter.RequiredNumber(
                    _plan.Heads[head],
                    column,
                    row,
                    _place
                );
                break;
        }
    }

    private InvalidInputException Mismatch(string what) =>
        new(
            $"The shards of {_dataset} hold {what}. They aren't the files that the manifest describes; import the dataset anew."
        );
}
