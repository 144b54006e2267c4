using OrleansMl.Cli;

using var signals = new TerminationSignals();
return await new OmlProgram(CliEnvironment.OfProcess()).RunAsync(args, signals.Token);
