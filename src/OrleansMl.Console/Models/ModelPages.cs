using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Console.Operations;
using OrleansMl.Console.Trust;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Models;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Models;

/// <summary>The pages of models.</summary>
internal static class ModelPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/models", context => Page.WriteAsync<ModelList>(context));
        pages
            .MapGet(
                "/models/{model}",
                (string model, HttpContext context) =>
                    Page.WriteAsync<ModelView>(context, new() { [nameof(ModelView.Model)] = model })
            )
            .Needs(Permission.Read, ModelScope.Route);
        pages
            .MapGet(
                "/models/{model}/versions/{version:int}",
                (string model, int version, HttpContext context) =>
                    Page.WriteAsync<VersionView>(
                        context,
                        new()
                        {
                            [nameof(VersionView.Model)] = model,
                            [nameof(VersionView.Version)] = version,
                        }
                    )
            )
            .Needs(Permission.Read, ModelScope.Route);
        pages
            .MapGet(
                "/models/{model}/alias",
                (string model, HttpContext context) =>
                    Page.WriteAsync<MoveAlias>(context, new() { [nameof(MoveAlias.Model)] = model })
            )
            .Needs(Permission.Operate, ModelScope.Route);
        pages
            .MapPost("/models/{model}/alias", MoveAsync)
            .Needs(Permission.Operate, ModelScope.Route)
            .Audited("model.alias.move", "model", "model");
    }

    private static async Task MoveAsync(string model, ModelReader models, HttpContext context)
    {
        var form = await ConsoleForm.ReadAsync(context);
        await models.FindAsync(Caller.Of(context), model, context.RequestAborted);
        var move = new AliasMove
        {
            CommandId = CommandIds.Take(form["commandId"]),
            Alias = ModelEndpoints.AliasName(form["alias"].ToString()),
            Version = Number(form, "version", 1),
            // What the viewer saw: a move by somebody else in between is not overwritten.
            Expected = Number(form, "expected", 0),
            Reason = Text(form, "reason"),
            By = Caller.Name(context),
        };
        await models.MoveAliasAsync(model, move, context.RequestAborted);
        AuditTrail.Note(
            context,
            $"{move.Alias} -> version {move.Version}{(move.Reason.Length > 0 ? $": {move.Reason}" : "")}, from the console"
        );
        SignInEndpoints.SeeOther(context, $"{ConsoleEndpoints.Root}/models/{model}");
    }

    private static int Number(IFormCollection form, string field, int minimum) =>
        int.TryParse(form[field], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value >= minimum
            ? value
            : throw RequestException.Invalid(
                $"{field}: expected a whole number from {minimum}, got '{form[field]}'."
            );

    private static string Text(IFormCollection form, string field)
    {
        const int most = 500;
        var text = form[field].ToString().Trim();
        return text.Length <= most
            ? text
            : throw RequestException.Invalid(
                $"{field}: expected at most {most} characters, got {text.Length}."
            );
    }
}
