using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Rollout;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Gateway.Datasets;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Models;

/// <summary>List, show, alias, import and download models.</summary>
internal static class ModelEndpoints
{
    private const int MaxLabels = 100_000;
    private const string OnnxType = "application/octet-stream";
    private static readonly string[] Tasks = ["classification", "binary", "regression", "unknown"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes
            .MapGroup("/api/v1/models")
            .WithTags("Models")
            .Needs(Permission.Read, ModelScope.Route);
        models
            .MapGet("/", ListAsync)
            .Needs(Permission.Read, ModelScope.All)
            .WithSummary("List models, newest first")
            .Produces<CatalogPage>();
        models
            .MapGet("/{model}", GetAsync)
            .WithSummary("Show a model, its aliases and their history")
            .Produces<ModelSnapshot>();
        models
            .MapGet("/{model}/versions", ListVersionsAsync)
            .WithSummary("List a model's versions, newest first")
            .Produces<CatalogPage>();
        models
            .MapGet("/{model}/versions/{reference}", GetVersionAsync)
            .WithSummary("Show a model version, by number, alias or 'latest'")
            .Produces<ModelVersionSnapshot>();
        models
            .MapPut("/{model}/aliases/{alias}", MoveAliasAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.alias.move", "model", "model")
            .WithSummary("Point an alias at a version")
            .Accepts<AliasMoveRequest>("application/json")
            .Produces<ModelSnapshot>();
        models
            .MapDelete("/{model}/aliases/{alias}", RemoveAliasAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.alias.remove", "model", "model")
            .WithSummary("Remove an alias")
            .Produces<ModelSnapshot>();
        models
            .MapPost("/{model}/import", ImportAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.import", "model", "model")
            .WithSummary("Register an ONNX file as the model's next version")
            .Accepts<Stream>(OnnxType, "*/*")
            .Produces<ModelVersionSnapshot>(StatusCodes.Status201Created);
        models
            .MapMethods("/{model}/versions/{reference}/onnx", ["GET", "HEAD"], DownloadOnnxAsync)
            .WithSummary("Download a version's ONNX file")
            .Produces<Stream>(StatusCodes.Status200OK, OnnxType);
        models
            .MapMethods(
                "/{model}/versions/{reference}/weights",
                ["GET", "HEAD"],
                DownloadWeightsAsync
            )
            .WithSummary("Download a version's weights, safetensors")
            .Produces<Stream>(StatusCodes.Status200OK, OnnxType);
        routes
            .MapMethods("/api/v1/artifacts/{id}", ["GET", "HEAD"], DownloadArtifactAsync)
            .Needs(Permission.Read, ModelScope.All)
            .WithTags("Models")
            .WithSummary("Download an artifact by its SHA-256")
            .Produces<Stream>(StatusCodes.Status200OK, OnnxType);
    }

    private static async Task<IResult> ListAsync(ICatalog catalog, HttpContext context)
    {
        var (offset, limit) = QueryReading.Page(context.Request);
        return JsonAnswer.Of(
            await CatalogPages.ReadAsync(
                catalog,
                new CatalogQuery(CatalogKinds.Model, [], KeyPrefix: null, offset, limit),
                context.RequestAborted
            )
        );
    }

    private static async Task<IResult> ListVersionsAsync(
        string model,
        ICatalog catalog,
        IGrainFactory grains,
        HttpContext context
    )
    {
        QueryReading.Name(model, "model");
        var (offset, limit) = QueryReading.Page(context.Request);
        var page = await CatalogPages.ReadAsync(
            catalog,
            new CatalogQuery(CatalogKinds.ModelVersion, [], $"{model}@", offset, limit),
            context.RequestAborted
        );
        // An empty list of a model that is not there would look like one that is.
        if (page.Items.Count == 0)
            await FindAsync(model, grains, context.RequestAborted);
        return JsonAnswer.Of(page);
    }

    private static async Task<IResult> GetAsync(
        string model,
        IGrainFactory grains,
        HttpContext context
    ) => JsonAnswer.Of(await FindAsync(model, grains, context.RequestAborted));

    private static async Task<IResult> GetVersionAsync(
        string model,
        string reference,
        IGrainFactory grains,
        HttpContext context
    ) => JsonAnswer.Of(await FindVersionAsync(model, reference, grains, context.RequestAborted));

    private static async Task<IResult> MoveAliasAsync(
        string model,
        string alias,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        VersionWarmUp warmUp,
        IOptions<GatewayOptions> options,
        HttpContext context
    )
    {
        var request = await RequestBodies.ReadJsonAsync<AliasMoveRequest>(
            context,
            options.Value.MaxBodyBytes
        );
        var name = AliasName(alias);
        QueryReading.Name(model, "model");
        if (request.Version < 1)
            throw RequestException.Invalid(
                $"version: expected a number from 1, got {request.Version}."
            );
        // Calls by the alias never meet a version that is not loaded.
        if (!request.Force)
            await warmUp.WarmAsync(new(model, request.Version), context.RequestAborted);
        return await MoveAsync(
            model,
            new AliasMove
            {
                CommandId = CommandIds.Take(request.CommandId),
                Alias = name,
                Version = request.Version,
                Expected = request.Expected,
                Reason = request.Reason ?? "",
                By = Caller.Name(context),
            },
            grains,
            modelRoutes,
            context
        );
    }

    private static Task<IResult> RemoveAliasAsync(
        string model,
        string alias,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    ) =>
        MoveAsync(
            model,
            new AliasMove
            {
                CommandId = CommandIds.Take(QueryReading.Text(context.Request, "commandId")),
                Alias = AliasName(alias),
                Expected = QueryReading.OptionalInteger(
                    context.Request,
                    "expected",
                    0,
                    int.MaxValue
                ),
                Reason = QueryReading.Text(context.Request, "reason") ?? "",
                By = Caller.Name(context),
            },
            grains,
            modelRoutes,
            context
        );

    private static async Task<IResult> MoveAsync(
        string model,
        AliasMove move,
        IGrainFactory grains,
        ModelRoutes modelRoutes,
        HttpContext context
    )
    {
        await FindAsync(model, grains, context.RequestAborted);
        var moved = await grains
            .GetGrain<IModelGrain>(model)
            .MoveAliasAsync(move, context.RequestAborted);
        var change = moved.History.Count > 0 ? moved.History[0] : null;
        var from =
            change is null || change.Alias != move.Alias || change.To != move.Version
                ? move.Version
                : change.From;
        AuditTrail.Note(
            context,
            $"{move.Alias}: {Describe(from)} -> {Describe(move.Version)}{(move.Reason.Length > 0 ? $": {move.Reason}" : "")}"
        );
        modelRoutes.Invalidate(model);
        return JsonAnswer.Of(moved);
    }

    private static string Describe(int? version) =>
        version is null or 0 ? "no version" : $"version {version}";

    private static async Task<IResult> ImportAsync(
        string model,
        HttpContext context,
        ModelImports imports,
        ModelRoutes modelRoutes,
        ImportSlots slots,
        Spool spool,
        IOptions<GatewayOptions> options
    )
    {
        QueryReading.Name(model, "model");
        var import = ReadOptions(context);
        var limit = options.Value.MaxModelBytes;
        if (context.Request.ContentLength > limit)
            throw TooLarge();
        RequestBodies.LiftServerLimit(context);
        using var slot = slots.Take();
        spool.RequireSpace(context.Request.ContentLength ?? 0);
        using var folder = spool.CreateFolder();
        var path = folder.NextFile();
        var bytes = await SpooledCopy.ToFileAsync(
            context.Request.Body,
            path,
            spool,
            limit,
            TooLarge,
            context.RequestAborted
        );
        if (bytes == 0)
            throw RequestException.Invalid("The body is empty: expected an ONNX file.");
        var version = await imports.ImportAsync(model, path, import, context.RequestAborted);
        modelRoutes.Invalidate(model);
        context.Response.Headers.Location = $"/api/v1/models/{model}/versions/{version.Id.Version}";
        return JsonAnswer.Of(version, StatusCodes.Status201Created);

        RequestException TooLarge() =>
            RequestException.TooLarge("The ONNX file", limit, nameof(GatewayOptions.MaxModelBytes));
    }

    private static ModelImportOptions ReadOptions(HttpContext context)
    {
        var request = context.Request;
        string[] labels = [.. request.Query["label"].OfType<string>()];
        if (labels.Length > MaxLabels || labels.Distinct().Count() != labels.Length)
            throw RequestException.Invalid(
                $"label: expected at most {MaxLabels} different labels, got {labels.Length}, {labels.Distinct().Count()} of them different."
            );
        var task =
            QueryReading.Text(request, "task")
            ?? (labels.Length > 0 ? "classification" : "unknown");
        return Tasks.Contains(task)
            ? new ModelImportOptions(
                CommandIds.Take(QueryReading.Text(request, "commandId")),
                labels,
                task,
                QueryReading.Text(request, "source") ?? "upload",
                Caller.Name(context)
            )
            : throw RequestException.Invalid(
                $"task: expected one of {string.Join(", ", Tasks)}, got '{task}'."
            );
    }

    private static async Task<IResult> DownloadOnnxAsync(
        string model,
        string reference,
        IGrainFactory grains,
        ILocalArtifacts artifacts,
        HttpContext context
    )
    {
        var version = await FindVersionAsync(model, reference, grains, context.RequestAborted);
        return await ArtifactDownload.SendAsync(
            version.Onnx,
            $"{model}-{version.Id.Version}.onnx",
            artifacts,
            context
        );
    }

    private static async Task<IResult> DownloadWeightsAsync(
        string model,
        string reference,
        IGrainFactory grains,
        ILocalArtifacts artifacts,
        HttpContext context
    )
    {
        var version = await FindVersionAsync(model, reference, grains, context.RequestAborted);
        return await ArtifactDownload.SendAsync(
            version.Weights
                ?? throw new NotFoundException(
                    $"model version {version.Id} has no weights: it was imported as an ONNX file."
                ),
            $"{model}-{version.Id.Version}.safetensors",
            artifacts,
            context
        );
    }

    private static Task<IResult> DownloadArtifactAsync(
        string id,
        ILocalArtifacts artifacts,
        HttpContext context
    ) =>
        ArtifactId.TryParse(id, provider: null, out var artifact)
            ? ArtifactDownload.SendAsync(artifact, fileName: null, artifacts, context)
            : throw RequestException.Invalid(
                $"'{id}' is not an artifact id: expected 64 lower-case hexadecimal digits."
            );

    private static async Task<ModelSnapshot> FindAsync(
        string model,
        IGrainFactory grains,
        CancellationToken cancellationToken
    )
    {
        QueryReading.Name(model, "model");
        return await grains.GetGrain<IModelGrain>(model).GetAsync(cancellationToken)
            ?? throw new NotFoundException($"There is no model '{model}'.");
    }

    private static async Task<ModelVersionSnapshot> FindVersionAsync(
        string model,
        string reference,
        IGrainFactory grains,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await FindAsync(model, grains, cancellationToken);
        var version = ModelRoutes.Resolve(snapshot, reference).Version;
        return await grains.GetGrain<IModelGrain>(model).GetVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {model}@{version}.");
    }

    // A number would be taken for a version, "latest" for the newest.
    internal static string AliasName(string alias)
    {
        QueryReading.Name(alias, "model alias");
        return alias != "latest" && !alias.All(char.IsAsciiDigit)
            ? alias
            : throw RequestException.Invalid(
                $"'{alias}' can't be an alias: it would be read as a version."
            );
    }
}
