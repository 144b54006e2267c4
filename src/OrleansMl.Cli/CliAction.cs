using System.CommandLine;
using System.Text.Json;
using OrleansMl.Client;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Cli;

/// <summary>Runs a command's body and turns what it throws into a message and an exit code.</summary>
internal static class CliAction
{
    /// <summary>Gives a command its body.</summary>
    public static Command Runs(
        this Command command,
        CliEnvironment environment,
        Func<CliSession, CancellationToken, Task<int>> body
    )
    {
        command.SetAction(
            (arguments, cancellationToken) =>
                RunAsync(environment, arguments, body, cancellationToken)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        CliEnvironment environment,
        ParseResult arguments,
        Func<CliSession, CancellationToken, Task<int>> body,
        CancellationToken cancellationToken
    )
    {
        var json = arguments.GetValue(GlobalOptions.Json);
        try
        {
            using var session = new CliSession(environment, arguments);
            return await body(session, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (OrleansMlException e)
        {
            Report(environment, json, e.Code, e.Message, e.Details);
            return ExitCodes.Of(e);
        }
        catch (Exception e)
            when (e
                    is InvalidInputException
                        or FormatException
                        or FileNotFoundException
                        or DirectoryNotFoundException
            )
        {
            Report(environment, json, OrleansMlErrorCodes.InvalidInput, e.Message, []);
            return ExitCodes.BadInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(environment, json, "io", e.Message, []);
            return ExitCodes.Failed;
        }
    }

    private static void Report(
        CliEnvironment environment,
        bool json,
        string code,
        string message,
        IReadOnlyList<ApiErrorDetail> details
    )
    {
        if (json)
        {
            var error = new ApiError
            {
                Error = message,
                Code = code,
                Details = details.Count == 0 ? null : details,
            };
            environment.Error.WriteLine(JsonSerializer.Serialize(error, ContractsJson.Options));
            return;
        }
        environment.Error.WriteLine($"error: {message}");
        foreach (var detail in details)
            environment.Error.WriteLine(
                detail.Line > 0
                    ? $"  line {detail.Line}, column {detail.Column}: {detail.Message}"
                    : $"  {detail.Message}"
            );
    }
}
