using System.CommandLine;
using System.Diagnostics;
using OrleansMl.Client;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Operations;

/// <summary><c>oml up</c>: starts a silo process and waits until it answers.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    public static Command Build(CliEnvironment environment)
    {
        var data = new Option<string>("--data")
        {
            Description = "Folder for the embedded database, artifacts and logs; one silo owns it.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "oml-data",
        };
        var config = new Option<string?>("--config")
        {
            Description = "The silo's configuration file; see cluster-config/.",
            HelpName = "FILE",
        };
        var detach = new Option<bool>("--detach", "-d")
        {
            Description =
                "Leave it running in the background; its log is DIR/silo.log. 'oml down' stops it.",
        };
        var grpc = new Option<string?>("--grpc-url")
        {
            Description =
                "Where gRPC listens in clear text; port 0 takes a free one. Left out: as the configuration says, else nowhere.",
            HelpName = "URL",
        };
        var rest = new Argument<string[]>("SILO-ARGUMENTS")
        {
            Description =
                "After --: further arguments for the silo, for example -- --Workers:Threads 2.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "up",
            "Start a silo: one process with every role and an embedded database. --url says where it listens; port 0 takes a free one."
        )
        {
            data,
            config,
            detach,
            grpc,
            rest,
        };
        CommandHelp.Add(
            command,
            "oml up",
            "oml up --data /var/lib/oml --url http://127.0.0.1:9000",
            "oml up --detach && oml status",
            "oml up --grpc-url http://127.0.0.1:8081",
            "oml up --config cluster-config/three-silos/silo-1.json",
            "oml up -- --Workers:Threads 2"
        );
        return command.Runs(
            environment,
            (session, cancellationToken) =>
            {
                var arguments = session.Arguments;
                var plan = new Plan(
                    arguments.GetValue(data)!,
                    arguments.GetValue(config),
                    arguments.GetValue(detach),
                    arguments.GetResult(data) is { Implicit: false },
                    arguments.GetValue(grpc),
                    arguments.GetValue(rest) ?? []
                );
                return RunAsync(session, plan, cancellationToken);
            }
        );
    }

    private static async Task<int> RunAsync(
        CliSession session,
        Plan plan,
        CancellationToken cancellationToken
    )
    {
        var url = SiloProcess.WithPort(Endpoint(session));
        var dataDirectory = Path.GetFullPath(plan.Data);
        var command = new List<string>(
            SiloLocator.Find(AppContext.BaseDirectory, session.Environment.Variable)
        );
        if (plan.Config is not null)
            command.AddRange(["--config", Path.GetFullPath(plan.Config)]);
        // A configuration file has its own address and folder, unless the command line names them.
        var configured = plan.Config is not null;
        if (!configured || session.Arguments.GetResult(GlobalOptions.Url) is { Implicit: false })
            command.AddRange(["--url", url.GetLeftPart(UriPartial.Authority)]);
        if (!configured || plan.DataGiven)
            command.AddRange(["--data", dataDirectory]);
        var grpc = plan.Grpc is null
            ? null
            : SiloProcess.WithPort(Address(plan.Grpc)).GetLeftPart(UriPartial.Authority);
        if (grpc is not null)
            command.AddRange(["--grpc-url", grpc]);
        command.AddRange(plan.Rest);

        Directory.CreateDirectory(dataDirectory);
        var log = Path.Combine(dataDirectory, "silo.log");
        using var silo = plan.Detach
            ? SiloProcess.StartDetached(command, log)
            : SiloProcess.StartAttached(command);
        try
        {
            var ended = silo.WaitForExitAsync(cancellationToken);
            if (!await IsReadyAsync(session, url, ended, cancellationToken))
            {
                session.Note(
                    plan.Detach
                        ? $"error: the silo ended before it was ready; its log is {log}"
                        : "error: the silo ended before it was ready; see its messages above."
                );
                return silo.ExitCode == ExitCodes.BadInput ? ExitCodes.BadInput : ExitCodes.Failed;
            }
            session.Result(
                new
                {
                    url = url.GetLeftPart(UriPartial.Authority),
                    grpcUrl = grpc,
                    processId = silo.Id,
                    dataDirectory,
                },
                () =>
                    session.Line(
                        $"ready at {url.GetLeftPart(UriPartial.Authority)}{(grpc is null ? "" : $", gRPC at {grpc}")} (process {silo.Id}, data in {dataDirectory})"
                    )
            );
            if (plan.Detach)
                return ExitCodes.Done;
            await ended;
            return silo.ExitCode == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            SiloSignals.Stop(silo);
            // The silo checkpoints and hands over: it ends by itself, or at the second Ctrl+C.
            await silo.WaitForExitAsync(CancellationToken.None);
            return silo.ExitCode == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch
        {
            SiloSignals.Stop(silo);
            throw;
        }
    }

    private static async Task<bool> IsReadyAsync(
        CliSession session,
        Uri url,
        Task ended,
        CancellationToken cancellationToken
    )
    {
        var options = session.ClientOptions();
        options.Endpoints = [url];
        options.OnRetry = null;
        options.Timeout = StartTimeout;
        options.RetryDelay = TimeSpan.FromMilliseconds(100);
        options.MaxRetryDelay = TimeSpan.FromMilliseconds(300);
        options.MaxRetries = 1000;
        using var client = new OrleansMlClient(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = client.WaitUntilReadyAsync(stop.Token);
        if (await Task.WhenAny(ready, ended) == ready)
        {
            await ready;
            return true;
        }
        await stop.CancelAsync();
        await ended;
        return false;
    }

    private static Uri Endpoint(CliSession session)
    {
        var url = session.Endpoints[0];
        return url is { IsAbsoluteUri: true, Scheme: "http" }
            ? url
            : throw new InvalidInputException(
                $"--url: expected an address such as {GlobalOptions.DefaultUrl}, got '{url}'."
            );
    }

    private static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == "http"
            ? address
            : throw new InvalidInputException(
                $"--grpc-url: expected an address such as http://127.0.0.1:8081, got '{url}'."
            );

    private sealed record Plan(
        string Data,
        string? Config,
        bool Detach,
        bool DataGiven,
        string? Grpc,
        IReadOnlyList<string> Rest
    );
}
