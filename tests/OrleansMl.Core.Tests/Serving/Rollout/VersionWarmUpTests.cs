using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Rollout;

namespace OrleansMl.Core.Tests.Serving.Rollout;

public sealed class VersionWarmUpTests
{
    private static readonly ModelVersionId Version = new("churn", 1);
    private readonly FakeModelSource _source = new();
    private readonly FakeSilos _silos = new();

    public VersionWarmUpTests() =>
        _source.Versions[Version] = new ModelVersionSnapshot
        {
            Id = Version,
            Onnx = ArtifactId.Of("onnx"u8),
            Signature = new ModelSignature { Inputs = [], Outputs = [] },
            Lineage = new ModelLineage(),
        };

    private Task WarmAsync() =>
        new VersionWarmUp(_silos, _source, new NoArtifacts()).WarmAsync(
            Version,
            TestContext.Current.CancellationToken
        );

    [Fact]
    public async Task A_silo_that_was_killed_and_still_counts_as_up_asks_for_patience_and_is_no_conflict()
    {
        _silos.Names = ["a", "b"];
        _silos.Faults["b"] = () => new SiloUnreachableException("connection refused");

        var error = await Assert.ThrowsAsync<UnavailableException>(WarmAsync);

        Assert.Contains("Silo 'b': connection refused", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Silo 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_is_gone_when_it_should_answer_holds_nothing_up()
    {
        _silos.Names = ["a", "b"];
        _silos.Faults["b"] = () =>
        {
            _silos.Names = ["a"];
            return new SiloUnreachableException("it went down");
        };

        await WarmAsync();

        Assert.Equal(["a", "b"], _silos.Asked.Order());
    }

    [Fact]
    public async Task A_silo_that_refuses_outweighs_one_that_is_silent()
    {
        _silos.Names = ["a", "b"];
        _silos.Faults["a"] = () => new SiloUnreachableException("connection refused");
        _silos.Faults["b"] = () => new UnavailableException("too large for this silo");

        var error = await Assert.ThrowsAsync<ConflictException>(WarmAsync);

        Assert.Contains("too large for this silo", error.Message, StringComparison.Ordinal);
    }

    private sealed class FakeSilos : IServingSilos
    {
        public IReadOnlyList<string> Names { get; set; } = [];

        public Dictionary<string, Func<Exception>> Faults { get; } = [];

        public List<string> Asked { get; } = [];

        public Task<InferenceResponse> PredictAsync(
            string silo,
            ModelVersionId version,
            InferenceRequest request,
            CancellationToken cancellationToken
        ) => throw new InvalidOperationException("There is no golden sample to predict.");

        public Task<ModelResidence> LoadAsync(
            string silo,
            ModelVersionId version,
            CancellationToken cancellationToken
        )
        {
            Asked.Add(silo);
            return Faults.TryGetValue(silo, out var fault)
                ? Task.FromException<ModelResidence>(fault())
                : Task.FromResult(
                    new ModelResidence
                    {
                        Version = version,
                        Silo = silo,
                        State = ModelResidenceState.Ready,
                    }
                );
        }
    }

    private sealed class NoArtifacts : ILocalArtifacts
    {
        public Task<IArtifactLease> AcquireAsync(
            ArtifactId id,
            CancellationToken cancellationToken
        ) => throw new InvalidOperationException("The version has no golden sample.");
    }
}
