using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Gateway.Operations;

/// <summary>What the OpenAPI document can't read off the routes: ids that are text, errors on every route, and who may call.</summary>
internal static class OpenApiDescription
{
    public const string DocumentName = "v1";
    private const string SecurityScheme = "ApiKey";

    public static void Configure(OpenApiOptions options)
    {
        options.AddSchemaTransformer(
            (schema, context, _) =>
            {
                // Ids and enums of the contracts are written as their text.
                var type = context.JsonTypeInfo.Type;
                type = Nullable.GetUnderlyingType(type) ?? type;
                if (
                    type.IsValueType
                    && type.Namespace?.StartsWith("OrleansMl.Contracts", StringComparison.Ordinal)
                        == true
                )
                {
                    schema.Type = JsonSchemaType.String;
                    schema.Properties = null;
                }
                return Task.CompletedTask;
            }
        );
        options.AddDocumentTransformer(
            (document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "OrleansMl",
                    Version = ClusterStatusReader.Version,
                    Description =
                        "Datasets, training runs, models and predictions of one cluster. docs/http-api.md has the rules and the error codes.",
                };
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes ??=
                    new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes[SecurityScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description =
                        "A key of Security:ApiKeys; none is needed on loopback where none is configured.",
                };
                return Task.CompletedTask;
            }
        );
        options.AddOperationTransformer(
            async (operation, context, cancellationToken) =>
            {
                var schema = await context.GetOrCreateSchemaAsync(
                    typeof(ApiError),
                    parameterDescription: null,
                    cancellationToken
                );
                var document = context.Document!;
                document.AddComponent(nameof(ApiError), schema);
                operation.Responses ??= [];
                operation.Responses.TryAdd(
                    "default",
                    new OpenApiResponse
                    {
                        Description = "An error, see its code",
                        Content = new Dictionary<string, OpenApiMediaType>
                        {
                            ["application/json"] = new()
                            {
                                Schema = new OpenApiSchemaReference(nameof(ApiError), document),
                            },
                        },
                    }
                );
            }
        );
    }
}
