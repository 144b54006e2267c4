using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

public sealed class WorkerEnvironmentTests
{
    [Fact]
    public void A_worker_gets_its_threads_but_no_secrets()
    {
        var environment = new Dictionary<string, string?>
        {
            ["OML_API_KEY"] = "secret",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["PATH"] = "/bin",
        };

        WorkerLauncher.SetEnvironment(environment, 3);

        Assert.Equal("3", environment["OMP_NUM_THREADS"]);
        Assert.Equal("/bin", environment["PATH"]);
        Assert.DoesNotContain("secret", environment.Values);
    }
}
