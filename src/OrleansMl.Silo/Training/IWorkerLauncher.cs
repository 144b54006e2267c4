namespace OrleansMl.Silo.Training;

/// <summary>Starts worker processes.</summary>
internal interface IWorkerLauncher
{
    /// <summary>Starts a worker that connects to the socket.</summary>
    /// <exception cref="InvalidOperationException">The program can't be started; the message names it.</exception>
    WorkerProcess Start(string socketPath, int threads);
}
