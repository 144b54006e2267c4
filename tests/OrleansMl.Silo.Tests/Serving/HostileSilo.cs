namespace OrleansMl.Silo.Tests.Serving;

/// <summary>A silo with short times and small limits, for all tests of a class.</summary>
public sealed class HostileSilo : IAsyncLifetime
{
    public const int BodyLimit = 1_000_000;

    private InProcessSilo? _silo;

    internal InProcessSilo Silo =>
        _silo ?? throw new InvalidOperationException("The silo has not started.");

    public async ValueTask InitializeAsync() =>
        _silo = await InProcessSilo.StartAsync(
            [
                "--Http:HeaderTimeoutSeconds",
                "1",
                "--Http:GraceSeconds",
                "1.1",
                // An answer may take its bytes over this, and some are of megabytes.
                "--Http:MinResponseBytesPerSecond",
                "10000000",
                "--Gateway:MaxInferenceBytes",
                $"{BodyLimit}",
            ],
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
            await _silo.DisposeAsync();
    }
}
