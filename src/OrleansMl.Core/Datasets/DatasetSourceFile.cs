namespace OrleansMl.Core.Datasets;

/// <summary>A file to import.</summary>
/// <param name="Name">Its name where it comes from, for messages and to know images from labels and training from test.</param>
/// <param name="Path">Where it is now.</param>
public sealed record DatasetSourceFile(string Name, string Path);
