using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Datasets;

/// <summary>A dataset on the command line: <c>name</c> (its newest version) or <c>name@version</c>.</summary>
internal sealed record DatasetReference(string Name, int? Version)
{
    /// <exception cref="InvalidInputException">The text is neither.</exception>
    public static DatasetReference Parse(string text)
    {
        if (DatasetVersionId.TryParse(text, null, out var id))
            return new DatasetReference(id.Name, id.Version);
        return ResourceName.IsValid(text)
            ? new DatasetReference(text, null)
            : throw new InvalidInputException(
                $"'{text}' is not a dataset: expected a name or name@version, for example fashion or fashion@2."
            );
    }
}
