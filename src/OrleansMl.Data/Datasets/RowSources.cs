using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Opens the source of a request's format: the asked one, or what the files' first bytes say.</summary>
internal static class RowSources
{
    public static IRowSource Open(DatasetImportRequest request, DataOptions options)
    {
        var format = request.Format?.ToLowerInvariant() ?? Detect(request.Files);
        return format switch
        {
            "idx" => new IdxSource(request, options),
            "csv" => new CsvSource(request, KindsOf(request), options),
            "parquet" => new ParquetSource(request, KindsOf(request), options),
            _ => throw new InvalidInputException(
                $"Dataset '{request.Name}': expected the format idx, csv or parquet, got '{request.Format}'."
            ),
        };
    }

    // An appended-to version's kinds stand in for those that its new rows alone would show; the caller's come first, so that
    // a conflict is an error about the column.
    private static Dictionary<string, ColumnKind> KindsOf(DatasetImportRequest request)
    {
        var kinds = (request.AppendTo?.Schema ?? [])
            .Where(c => c.Kind is not (ColumnKind.Image or ColumnKind.Vector))
            .ToDictionary(c => c.Name, c => c.Kind);
        foreach (var (name, kind) in request.ColumnKinds)
            kinds[name] = kind;
        return kinds;
    }

    private static string Detect(IReadOnlyList<DatasetSourceFile> files)
    {
        var formats = files.Select(f => (f.Name, Format: Detect(f))).ToList();
        var (first, format) = formats[0];
        foreach (var (name, other) in formats)
            if (other != format)
                throw new InvalidInputException(
                    $"{name}: expected {format}, as {first} is, got {other}; import files of one format at a time."
                );
        return format;
    }

    private static string Detect(DatasetSourceFile file)
    {
        using var stream = new SourceStream(file);
        Span<byte> first = stackalloc byte[4];
        var read = stream.Read(first);
        if (read == 4 && IdxFile.IsMagic(first))
            return "idx";
        return first.SequenceEqual("PAR1"u8) ? "parquet" : "csv";
    }
}
