namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>A short run of what scripts/fuzz does at length, and all that once failed. Alone: the process's memory is looked at.</summary>
[Collection(nameof(FuzzTests))]
[CollectionDefinition(nameof(FuzzTests), DisableParallelization = true)]
public sealed class FuzzTests : IAsyncLifetime
{
    private const ulong Seed = 20260101;
    private const int Cases = 5000;

    private readonly List<string> _said = [];
    private InProcessSilo? _silo;

    private InProcessSilo Silo =>
        _silo ?? throw new InvalidOperationException("The silo has not started.");

    public async ValueTask InitializeAsync() =>
        _silo = await InProcessSilo.StartAsync([], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
            await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Random_requests_are_answered_or_refused_as_the_protocol_says_and_leave_nothing()
    {
        foreach (var target in FuzzTarget.All)
        {
            var run = new FuzzRun(Silo, Seed, _said.Add);
            await run.RunAsync(target, Cases, 2, TestContext.Current.CancellationToken);

            AssertNone(run);
            // Neither all right nor all wrong: the cases reach the model and its checks.
            Assert.InRange(run.Taken, Cases / 10, Cases * 9 / 10);
        }
    }

    [Fact]
    public async Task What_once_failed_and_what_is_right_is_answered_as_the_protocol_says()
    {
        var run = new FuzzRun(Silo, Seed, _said.Add);
        foreach (var target in FuzzTarget.All)
        {
            var cases = Corpus.Read(target.Name);
            Assert.NotEmpty(cases);
            foreach (var request in cases)
                await run.CheckAsync(request, 0);
        }

        AssertNone(run);
        Assert.True(run.Taken > 0);
    }

    [Fact]
    public void A_case_is_the_same_for_the_same_seed_and_number_and_survives_its_file()
    {
        foreach (var target in FuzzTarget.All)
        {
            var corpus = Corpus.Read(target.Name);
            for (var number = 0UL; number < 200; number++)
            {
                var file = target.Case(Seed, number, corpus).ToFile();

                Assert.Equal(file, target.Case(Seed, number, corpus).ToFile());
                Assert.Equal(file, FuzzCase.Parse(file).ToFile());
                Assert.NotEqual(file, target.Case(Seed + 1, number, corpus).ToFile());
            }
        }
    }

    private void AssertNone(FuzzRun run) =>
        Assert.True(
            run.Failures.Count == 0,
            $"{string.Join('\n', run.Failures.Take(3).Select(f => $"case {f.Number}: {f.Problem}\n{(f.Case is null ? "" : Convert.ToHexString(f.Case.ToFile()))}"))}\n{string.Join('\n', _said)}"
        );
}
