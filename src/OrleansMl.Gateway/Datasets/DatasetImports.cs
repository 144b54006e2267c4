using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Turns files into a committed dataset version.</summary>
internal sealed class DatasetImports(IGrainFactory grains, IDatasetImporter importer)
{
    public async Task<DatasetManifest> ImportAsync(
        string name,
        DatasetUpload upload,
        IProgress<DatasetImportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var options = upload.Options;
        var commandId = CommandIds.Take(options.CommandId);
        var grain = grains.GetGrain<IDatasetGrain>(name);
        DatasetManifest? parent = null;
        if (options.Append)
            parent =
                await grain.GetVersionAsync(version: null, cancellationToken)
                ?? throw new NotFoundException(
                    $"dataset '{name}' has no version to append to: import it first."
                );
        var result = await importer.ImportAsync(
            new DatasetImportRequest
            {
                Name = name,
                Format = options.Format,
                Files = upload.Files,
                Splits = options.Splits ?? parent?.Splits ?? new SplitPolicy(),
                ColumnKinds = options.ColumnKinds ?? new Dictionary<string, ColumnKind>(),
                ClassNames = options.ClassNames ?? [],
                AppendTo = parent,
            },
            progress,
            cancellationToken
        );
        return await grain.CommitAsync(
            new DatasetCommit
            {
                CommandId = commandId,
                AppendTo = parent?.Id.Version,
                Schema = result.Schema,
                NewShards = result.Shards,
                Splits = result.Splits,
                Statistics = result.Statistics,
                Source = result.Source,
            },
            cancellationToken
        );
    }
}
