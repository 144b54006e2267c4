using System.Text.Json;
using OrleansMl.Client.Tests;

namespace OrleansMl.Cli.Tests;

/// <summary>One command line, run in this process against a gateway.</summary>
internal sealed record CliRun(int Code, string Out, string Error)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    public static Task<CliRun> Of(FakeGateway gateway, params string[] args) =>
        Of(gateway, input: "", terminal: false, TestContext.Current.CancellationToken, args);

    public static async Task<CliRun> Of(
        FakeGateway? gateway,
        string input,
        bool terminal,
        CancellationToken cancellationToken,
        params string[] args
    )
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var reader = new StringReader(input);
        var program = new OmlProgram(
            new CliEnvironment
            {
                Out = output,
                Error = error,
                In = reader,
                IsTerminal = terminal,
                Variable = name => name == "OML_URL" ? gateway?.Address.ToString() : null,
            }
        );
        var code = await program.RunAsync(args, cancellationToken);
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
