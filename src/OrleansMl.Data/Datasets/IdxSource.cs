using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Rows of pairs of IDX files: the columns <c>image</c> and <c>label</c>.</summary>
internal sealed class IdxSource : IRowSource
{
    private readonly IReadOnlyList<IdxPair> _pairs;
    private readonly byte?[] _splits;
    private readonly string[] _classNames;
    private readonly DataOptions _options;

    public IdxSource(DatasetImportRequest request, DataOptions options)
    {
        _options = options;
        _classNames = [.. request.ClassNames];
        if (request.ColumnKinds.Keys.FirstOrDefault() is { } column)
            throw new InvalidInputException(
                $"Column '{column}': the kinds of an IDX import's columns can't be set; name the classes to get text labels."
            );
        _pairs = IdxPair.Open(request.Files, options);
        try
        {
            _splits = [.. _pairs.Select(p => SplitOf(p, request.Splits))];
        }
        catch
        {
            Dispose();
            throw;
        }
        var shape = _pairs[0].Images.Dimensions.Skip(1).ToArray();
        Schema =
        [
            new DatasetColumn
            {
                Name = "image",
                Kind = ColumnKind.Image,
                Shape = shape.Length == 2 ? [.. shape, 1] : shape,
            },
            new DatasetColumn
            {
                Name = "label",
                Kind = _classNames.Length > 0 ? ColumnKind.Text : ColumnKind.Integer,
            },
        ];
    }

    public IReadOnlyList<DatasetColumn> Schema { get; }

    public bool GivesTest => _splits.Contains(DatasetSplits.Test);

    public long BytesTotal => _pairs.Sum(p => p.Images.FileLength + p.Labels.FileLength);

    public long BytesRead => _pairs.Sum(p => p.Images.FilePosition + p.Labels.FilePosition);

    public IEnumerable<SourceBatch> ReadBatches(CancellationToken cancellationToken)
    {
        var imageBytes = _pairs[0].Images.RowBytes;
        var most = (int)
            Math.Clamp(_options.MaxBytesPerBatch / imageBytes, 1, _options.RowsPerBatch);
        most = Math.Min(most, Math.Max(1, _pairs.Max(p => p.Images.Rows)));
        var pixels = new byte[most * imageBytes];
        var labels = new byte[most];
        var integers = new long[_classNames.Length == 0 ? most : 0];
        var texts = new string?[_classNames.Length == 0 ? 0 : most];
        ColumnBatch[] columns =
        [
            new ColumnBatch { Pixels = pixels },
            _classNames.Length == 0
                ? new ColumnBatch { Integers = integers }
                : new ColumnBatch { Texts = texts },
        ];
        for (var p = 0; p < _pairs.Count; p++)
        {
            var pair = _pairs[p];
            for (var read = 0; read < pair.Images.Rows; )
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Math.Min(most, pair.Images.Rows - read);
                pair.Images.ReadRows(pixels.AsSpan(0, rows * imageBytes));
                pair.Labels.ReadRows(labels.AsSpan(0, rows));
                for (var row = 0; row < rows; row++)
                    if (_classNames.Length == 0)
                        integers[row] = labels[row];
                    else
                        texts[row] = ClassOf(labels[row], read + row, pair.Labels.Name);
                yield return new SourceBatch(rows, columns, _splits[p]);
                read += rows;
            }
            pair.Images.CheckEnd();
            pair.Labels.CheckEnd();
        }
    }

    public void Dispose()
    {
        foreach (var pair in _pairs)
            pair.Dispose();
    }

    // A test file is a test file under every policy; the rest is named by its file only when the policy says Given.
    private static byte? SplitOf(IdxPair pair, SplitPolicy policy)
    {
        var split = DatasetSplits.OfFileName(pair.Images.Name);
        if (policy.Kind == SplitKind.Given && policy.Column is null)
            return split ?? throw GivenSplit.Unknown(pair.Images.Name);
        return split == DatasetSplits.Test ? split : null;
    }

    private string ClassOf(byte label, int row, string file) =>
        label < _classNames.Length
            ? _classNames[label]
            : throw new InvalidInputException(
                $"{file}: row {row + 1} has the label {label}, expected 0 to {_classNames.Length - 1}: there are {_classNames.Length} class names."
            );
}
