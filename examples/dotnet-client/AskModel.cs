using System.Globalization;
using OrleansMl.Client;
using OrleansMl.Client.Serving;
using OrleansMl.Client.Serving.Resilience;
using OrleansMl.Client.Serving.Typed;
using OrleansMl.Contracts;

namespace OrleansMl.Examples.DotnetClient;

/// <summary>
/// An app that asks a model which it knows by name only: the signature says what it takes. Each further argument gives an input its
/// values, and each output is written on a line.
/// <code>dotnet run --project examples/dotnet-client -- http://127.0.0.1:8080 iris x=5.1,3.5,1.4,0.2</code>
/// </summary>
public static class AskModel
{
    private const string Usage = "usage: ask-model GATEWAY MODEL INPUT=VALUE,VALUE… …";

    /// <summary>Asks once.</summary>
    /// <returns>0 for an answer, 1 for a refusal or none, 2 for arguments that can't be understood.</returns>
    public static Task<int> Main(string[] args) => RunAsync(args, Console.Out, Console.Error);

    /// <summary>Asks once, and writes what came to the writers.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        if (
            args.Length < 3
            || !Uri.TryCreate(args[0], UriKind.Absolute, out var gateway)
            || args[2..].Any(a => !a.Contains('=', StringComparison.Ordinal))
        )
        {
            await error.WriteLineAsync(Usage);
            return 2;
        }

        // One client an app: it is safe for threads and keeps its connections.
        using var client = new OrleansMlClient(
            new OrleansMlClientOptions
            {
                Endpoints = [gateway],
                ApiKey = Environment.GetEnvironmentVariable("OML_API_KEY"),
                // A call is over after five seconds, whatever happens; a slow try is overtaken by one at another gateway.
                Timeout = TimeSpan.FromSeconds(5),
                AttemptTimeout = TimeSpan.FromSeconds(2),
                Hedging = new HedgingOptions { Budget = 0.05 },
                OnRetry = retry => error.WriteLine($"retry {retry.Retry}: {retry.Reason}"),
            }
        );
        try
        {
            var answer = await client.Inference.InferAsync(
                args[1],
                request =>
                {
                    foreach (var argument in args[2..])
                        Give(request, argument);
                }
            );
            await output.WriteLineAsync($"{answer.Model}@{answer.Version}");
            foreach (var tensor in answer.Outputs)
                await output.WriteLineAsync($"{tensor.Name} = {Text(tensor)}");
            answer.Release();
            return 0;
        }
        catch (OrleansMlException refused)
        {
            await error.WriteLineAsync($"{refused.Code}: {refused.Message}");
            return 1;
        }
        catch (InvalidInputException wrong)
        {
            await error.WriteLineAsync(wrong.Message);
            return 1;
        }
    }

    // Numbers if all are, else texts; the client checks them against the model's datatype.
    private static void Give(SignedRequest request, string argument)
    {
        var name = argument[..argument.IndexOf('=', StringComparison.Ordinal)];
        var values = argument[(name.Length + 1)..].Split(',');
        var numbers = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (
                !double.TryParse(
                    values[i],
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out numbers[i]
                )
            )
            {
                request.Set(name, values);
                return;
            }
        }
        request.Set<double>(name, numbers);
    }

    private static string Text(Contracts.Serving.InferenceTensor tensor) =>
        tensor.Datatype switch
        {
            "FP32" => string.Join(", ", tensor.AsFloat32().Select(Number)),
            "FP64" => string.Join(", ", tensor.AsFloat64().Select(Number)),
            "INT64" => string.Join(", ", tensor.AsInt64()),
            "BYTES" => string.Join(", ", tensor.AsText()),
            _ => $"{tensor.Data.Length} bytes of {tensor.Datatype}",
        };

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
