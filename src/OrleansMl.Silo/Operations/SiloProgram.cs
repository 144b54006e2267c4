using System.Collections;
using System.Net;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;

namespace OrleansMl.Silo.Operations;

/// <summary>The silo's program from its arguments to its exit code.</summary>
internal static partial class SiloProgram
{
    private const int Stopped = 0;
    private const int Failed = 1;
    private const int WrongConfiguration = 2;

    /// <summary>Runs until stopped; the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        try
        {
            var line = SiloCommandLine.Parse(args);
            if (line.ShowHelp)
                return Print(SiloCommandLine.Help);
            if (line.ShowVersion)
                return Print(typeof(SiloProgram).Assembly.GetName().Version!.ToString(3));
            var configuration = SiloConfiguration.Load(line, ReadEnvironment());
            if (line.CheckOnly)
                return Print("The configuration is valid.");
            using var data = DataDirectory.Lock(configuration.Silo.DataDirectory);
            return await RunAsync(configuration, data);
        }
        catch (ConfigurationException e)
        {
            return Refuse(e.Errors);
        }
        catch (OptionsValidationException e)
        {
            return Refuse([.. e.Failures]);
        }
        catch (InvalidInputException e)
        {
            return Refuse([e.Message]);
        }
    }

    private static async Task<int> RunAsync(SiloConfiguration configuration, DataDirectory data)
    {
        NativeEnvironment.DisableOnnxRuntimeTelemetry();
        var identity = new SiloIdentity(
            configuration.Silo.Name,
            data.NextIncarnation(TimeProvider.System),
            configuration.Silo.Labels
        );
        var endpoints = SiloEndpoints.Resolve(configuration.Silo);
        await using var app = SiloHost.Build(configuration, data, endpoints, identity);
        var logger = app.Services.GetRequiredService<ILogger<SiloIdentity>>();
        try
        {
            await SiloHost.PrepareDatabaseAsync(
                app,
                configuration,
                app.Lifetime.ApplicationStopping
            );
            await app.StartAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is not OptionsValidationException)
        {
            LogStartFailed(logger, e, identity.Name);
            return Failed;
        }
        new SiloRecord
        {
            Name = identity.Name,
            ProcessId = Environment.ProcessId,
            Url = endpoints.PublicUrl,
            GrpcUrl = endpoints.PublicGrpcUrl,
            SiloPort = endpoints.SiloPort,
            GatewayPort = endpoints.GatewayPort,
            Incarnation = identity.Incarnation,
        }.Write(data.Path);
        if (endpoints.PublicGrpcUrl is { } grpc)
            LogGrpc(logger, identity.Name, grpc);
        LogStarted(
            logger,
            identity.Name,
            string.Join(',', configuration.Silo.Roles),
            endpoints.PublicUrl,
            new IPEndPoint(endpoints.Address, endpoints.SiloPort)
        );
        await app.WaitForShutdownAsync(CancellationToken.None);
        return Stopped;
    }

    private static Dictionary<string, string?> ReadEnvironment() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);

    private static int Print(string text)
    {
        System.Console.WriteLine(text);
        return Stopped;
    }

    private static int Refuse(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
            System.Console.Error.WriteLine($"error: {error}");
        return WrongConfiguration;
    }

    [LoggerMessage(
        LogLevel.Information,
        "Silo {Name} is up with roles {Roles}: HTTP at {Url}, silos at {Endpoint}"
    )]
    private static partial void LogStarted(
        ILogger logger,
        string name,
        string roles,
        string url,
        IPEndPoint endpoint
    );

    [LoggerMessage(LogLevel.Information, "Silo {Name} takes gRPC at {Url}")]
    private static partial void LogGrpc(ILogger logger, string name, string url);

    [LoggerMessage(LogLevel.Critical, "Silo {Name} could not start")]
    private static partial void LogStartFailed(ILogger logger, Exception exception, string name);
}
