using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Datasets;
using OrleansMl.Data.Datasets;

namespace OrleansMl.Data;

/// <summary>Registers import, reading and preview of datasets.</summary>
public static class DataServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IDatasetImporter"/>, <see cref="IDatasetShardWriter"/> (they need an <see cref="Core.Artifacts.IArtifactStore"/>),
    /// <see cref="IDatasetReader"/> and <see cref="IDatasetPreview"/> (needs an
    /// <see cref="Core.Artifacts.ILocalArtifacts"/>). Options are validated at start.
    /// </summary>
    public static IServiceCollection AddOrleansMlData(
        this IServiceCollection services,
        Action<DataOptions>? configure = null
    )
    {
        var options = services.AddOptions<DataOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DataOptions>, DataOptionsValidator>()
        );
        services.TryAddSingleton<IDatasetImporter, DatasetImporter>();
        services.TryAddSingleton<IDatasetReader, ShardReader>();
        services.TryAddSingleton<IDatasetShardWriter, DatasetShardWriter>();
        services.TryAddSingleton<IDatasetShards, DatasetShards>();
        services.TryAddSingleton<IDatasetPreview, ShardPreview>();
        return services;
    }
}
