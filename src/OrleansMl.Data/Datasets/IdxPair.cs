using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>A file of images and the file of their labels.</summary>
internal sealed record IdxPair(IdxFile Images, IdxFile Labels) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }

    /// <summary>Opens the files and pairs them: by content when there are two, else by name (<c>train-images…</c> with <c>train-labels…</c>).</summary>
    public static IReadOnlyList<IdxPair> Open(
        IReadOnlyList<DatasetSourceFile> sources,
        DataOptions options
    )
    {
        var files = new List<IdxFile>();
        try
        {
            foreach (var source in sources)
                files.Add(new IdxFile(source, options));
            var pairs = Pair(files);
            foreach (var pair in pairs)
                pair.Check(pairs[0].Images);
            return pairs;
        }
        catch
        {
            foreach (var file in files)
                file.Dispose();
            throw;
        }
    }

    private static IReadOnlyList<IdxPair> Pair(List<IdxFile> files)
    {
        var images = files.Where(f => !f.IsLabels).ToList();
        var labels = files.Where(f => f.IsLabels).ToList();
        if (images.Count == 1 && labels.Count == 1)
            return [new IdxPair(images[0], labels[0])];
        var pairs = new List<IdxPair>();
        foreach (var image in images)
        {
            var label =
                labels.Find(l => Key(l.Name) == Key(image.Name))
                ?? throw new InvalidInputException(
                    $"{image.Name}: expected a file of labels beside it, such as {LabelName(image.Name)}; got {Names(labels)}."
                );
            labels.Remove(label);
            pairs.Add(new IdxPair(image, label));
        }
        if (labels.Count > 0)
            throw new InvalidInputException(
                $"{labels[0].Name}: expected a file of images of the same name with 'images' in place of 'labels'; got {Names(images)}."
            );
        // Training rows first, in whatever order the files were named.
        return [.. pairs.OrderBy(p => DatasetSplits.OfFileName(p.Images.Name) ?? 0)];
    }

    private void Check(IdxFile first)
    {
        if (Images.Rows != Labels.Rows)
            throw new InvalidInputException(
                $"{Labels.Name}: expected {Images.Rows} labels for the images of {Images.Name}, got {Labels.Rows}."
            );
        if (!Images.Dimensions.Skip(1).SequenceEqual(first.Dimensions.Skip(1)))
            throw new InvalidInputException(
                $"{Images.Name}: expected images of {string.Join('x', first.Dimensions.Skip(1))} as in {first.Name}, got {string.Join('x', Images.Dimensions.Skip(1))}."
            );
    }

    private static string Key(string name) =>
        name.Replace("images", "*", StringComparison.OrdinalIgnoreCase)
            .Replace("labels", "*", StringComparison.OrdinalIgnoreCase)
            .Replace("idx1", "idx", StringComparison.OrdinalIgnoreCase)
            .Replace("idx3", "idx", StringComparison.OrdinalIgnoreCase)
            .Replace("idx4", "idx", StringComparison.OrdinalIgnoreCase)
            .Replace(".gz", "", StringComparison.OrdinalIgnoreCase);

    private static string LabelName(string name) =>
        name.Replace("images", "labels", StringComparison.OrdinalIgnoreCase)
            .Replace("idx3", "idx1", StringComparison.OrdinalIgnoreCase);

    private static string Names(List<IdxFile> files) =>
        files.Count == 0 ? "none" : string.Join(", ", files.Select(f => f.Name));
}
