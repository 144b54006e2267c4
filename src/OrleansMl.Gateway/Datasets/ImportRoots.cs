using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Which files of this machine a caller may name: those under the configured roots, after every link is followed.</summary>
internal static class ImportRoots
{
    public static IReadOnlyList<DatasetSourceFile> Resolve(
        IReadOnlyList<string> paths,
        GatewayOptions options
    )
    {
        if (options.ImportRoots.Count == 0)
            throw new NotFoundException(
                $"Importing from paths of the server is off: upload the files, or set {GatewayOptions.Section}:{nameof(options.ImportRoots)}."
            );
        if (paths.Count == 0 || paths.Count > options.MaxUploadFiles)
            throw RequestException.Invalid(
                $"paths: expected 1 to {options.MaxUploadFiles} files, got {paths.Count}."
            );
        var roots = options.ImportRoots.Select(Follow).OfType<string>().ToList();
        return [.. paths.Select(path => Resolve(path, roots))];
    }

    private static DatasetSourceFile Resolve(string path, List<string> roots)
    {
        // One answer for what is outside and for what is not there: the route tells nothing about the rest of the disk.
        if (
            !Path.IsPathFullyQualified(path)
            || Follow(path) is not { } real
            || !roots.Any(root => IsUnder(real, root))
            || !File.Exists(real)
        )
            throw new NotFoundException(
                $"There is no file '{path}' under the folders of {GatewayOptions.Section}:{nameof(GatewayOptions.ImportRoots)}."
            );
        return new DatasetSourceFile(Path.GetFileName(path), real);
    }

    private static bool IsUnder(string path, string root) =>
        path.StartsWith(
            Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );

    // The path with every link on its way followed; null when a part of it is not there.
    private static string? Follow(string path)
    {
        var full = Path.GetFullPath(path);
        var current = Path.GetPathRoot(full)!;
        foreach (
            var part in full[current.Length..]
                .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
        )
        {
            current = Path.Combine(current, part);
            FileSystemInfo info = Directory.Exists(current)
                ? new DirectoryInfo(current)
                : new FileInfo(current);
            if (!info.Exists)
                return null;
            if (info.LinkTarget is null)
                continue;
            // A link's target may have links on its own way.
            if (info.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } target)
                return null;
            if (Follow(target.FullName) is not { } followed)
                return null;
            current = followed;
        }
        return current;
    }
}
