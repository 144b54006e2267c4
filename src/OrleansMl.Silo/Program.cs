using OrleansMl.Silo.Operations;

return await SiloProgram.RunAsync(args);
