using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Import, list, show, preview and delete datasets.</summary>
internal static class DatasetEndpoints
{
    private const int DefaultPreviewRows = 20;
    private const int MaxPreviewRows = 100;
    private const string Latest = "latest";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var datasets = routes
            .MapGroup("/api/v1/datasets")
            .WithTags("Datasets")
            .Needs(Permission.Read);
        datasets
            .MapPost("/{name}/import", ImportAsync)
            .Needs(Permission.Train)
            .Audited("dataset.import", "dataset", "name")
            .WithSummary("Import uploaded files as the dataset's next version")
            .Accepts<IFormFile>("multipart/form-data")
            .Produces<DatasetManifest>(StatusCodes.Status201Created);
        datasets
            .MapPost("/{name}/import-path", ImportPathAsync)
            .Needs(Permission.Train)
            .Audited("dataset.import-path", "dataset", "name")
            .WithSummary("Import files that the server can read, where that is allowed")
            .Accepts<ImportPathRequest>("application/json")
            .Produces<DatasetManifest>(StatusCodes.Status201Created);
        datasets
            .MapGet("/", ListAsync)
            .WithSummary("List datasets, newest first")
            .Produces<CatalogPage>();
        datasets
            .MapGet("/{name}", GetAsync)
            .WithSummary("Show a dataset")
            .Produces<DatasetSnapshot>();
        datasets
            .MapGet("/{name}/versions/{version}", GetVersionAsync)
            .WithSummary("Show a dataset version")
            .Produces<DatasetManifest>();
        datasets
            .MapGet("/{name}/versions/{version}/rows", PreviewAsync)
            .WithSummary("Preview rows of a dataset version")
            .Produces<DatasetPreview>();
        datasets
            .MapDelete("/{name}", DeleteAsync)
            .Needs(Permission.Operate)
            .Audited("dataset.delete", "dataset", "name")
            .WithSummary("Delete a dataset that nothing needs")
            .Produces(StatusCodes.Status204NoContent);
        datasets
            .MapDelete("/{name}/versions/{version}", DeleteVersionAsync)
            .Needs(Permission.Operate)
            .Audited("dataset.version.delete", "dataset", "name")
            .WithSummary("Delete a dataset version that nothing needs")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task ImportAsync(
        string name,
        HttpContext context,
        Spool spool,
        ImportSlots slots,
        ImportAnswer answer,
        IOptions<GatewayOptions> options
    )
    {
        QueryReading.Name(name, "dataset");
        using var slot = slots.Take();
        using var folder = spool.CreateFolder();
        var upload = await MultipartUpload.ReadAsync(context, spool, folder, options.Value);
        await answer.WriteAsync(context, name, upload);
    }

    private static async Task ImportPathAsync(
        string name,
        HttpContext context,
        ImportSlots slots,
        ImportAnswer answer,
        IOptions<GatewayOptions> options
    )
    {
        QueryReading.Name(name, "dataset");
        var request = await RequestBodies.ReadJsonAsync<ImportPathRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var files = ImportRoots.Resolve(request.Paths, options.Value);
        using var slot = slots.Take();
        await answer.WriteAsync(
            context,
            name,
            new DatasetUpload(files, request.Options ?? new DatasetImportOptions())
        );
    }

    private static async Task<IResult> ListAsync(ICatalog catalog, HttpContext context)
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        return JsonAnswer.Of(
            await CatalogPages.ReadAsync(
                catalog,
                new CatalogQuery(CatalogKinds.Dataset, [], KeyPrefix: null, offset, limit),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> GetAsync(
        string name,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(name, "dataset");
        return JsonAnswer.Of(
            await grains.GetGrain<IDatasetGrain>(name).GetAsync(context.RequestAborted)
                ?? throw Missing(name)
        );
    }

    private static async Task<IResult> GetVersionAsync(
        string name,
        string version,
        IGrainFactory grains,
        HttpContext context
    ) => JsonAnswer.Of(await FindAsync(name, version, grains, context.RequestAborted));

    private static async Task<IResult> PreviewAsync(
        string name,
        string version,
        IGrainFactory grains,
        IDatasetPreview preview,
        HttpContext context
    )
    {
        var offset = QueryReading.Integer(context.Request, "offset", 0, 0, int.MaxValue);
        var rows = QueryReading.Integer(
            context.Request,
            "limit",
            DefaultPreviewRows,
            1,
            MaxPreviewRows
        );
        var manifest = await FindAsync(name, version, grains, context.RequestAborted);
        return JsonAnswer.Of(
            await preview.ReadAsync(manifest, offset, rows, context.RequestAborted)
        );
    }

    private static async Task<IResult> DeleteAsync(
        string name,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(name, "dataset");
        var grain = grains.GetGrain<IDatasetGrain>(name);
        if (await grain.GetAsync(context.RequestAborted) is null)
            throw Missing(name);
        await grain.DeleteAsync(version: null, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> DeleteVersionAsync(
        string name,
        string version,
        IGrainFactory grains,
        HttpContext context
    )
    {
        // A repeated "delete the latest" would delete the one before it.
        if (version == Latest)
            throw RequestException.Invalid("A version to delete is named by its number.");
        var manifest = await FindAsync(name, version, grains, context.RequestAborted);
        await grains
            .GetGrain<IDatasetGrain>(name)
            .DeleteAsync(manifest.Id.Version, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<DatasetManifest> FindAsync(
        string name,
        string version,
        IGrainFactory grains,
        CancellationToken cancellationToken
    )
    {
        QueryReading.Name(name, "dataset");
        int? number = null;
        if (version != Latest)
            number =
                int.TryParse(version, out var parsed) && parsed >= 1
                    ? parsed
                    : throw RequestException.Invalid(
                        $"'{version}' is no version of dataset '{name}': expected a number from 1 or '{Latest}'."
                    );
        return await grains.GetGrain<IDatasetGrain>(name).GetVersionAsync(number, cancellationToken)
            ?? throw new NotFoundException(
                number is null
                    ? $"dataset '{name}' has no versions."
                    : $"There is no dataset version {name}@{number}."
            );
    }

    private static NotFoundException Missing(string name) => new($"There is no dataset '{name}'.");
}
