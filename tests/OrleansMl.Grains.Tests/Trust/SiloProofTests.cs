using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Trust;

namespace OrleansMl.Grains.Tests.Trust;

/// <summary>What proves a silo, where the proof goes, and where it must not.</summary>
public sealed class SiloProofTests
{
    private static readonly GrainId Grain = GrainId.Create("model", "m");
    private static readonly GrainId Client = GrainId.Create("sys.client", "abc");
    private readonly FakeTimeProvider _time = new();
    private readonly IOptions<ClusterTokenOptions> _options = Options.Create(
        new ClusterTokenOptions()
    );
    private readonly ClusterKeyRing _keys;

    public SiloProofTests()
    {
        _keys = new ClusterKeyRing(_time, _options);
        _keys.Apply([new ClusterKey("k1", RandomNumberGenerator.GetBytes(32), _time.GetUtcNow())]);
    }

    private GrainCallGuard Guard() =>
        new(
            _keys,
            new ClusterTokens(
                _keys,
                new KeyRing(_time, Options.Create(new KeyRingOptions())),
                _time,
                _options
            ),
            new MemoryAuditLog(),
            Options.Create(new ClusterOptions { ClusterId = "oml" }),
            NullLogger<GrainCallGuard>.Instance
        );

    [Fact]
    public async Task A_call_gets_the_proof_and_the_caller_s_context_stays_without_it()
    {
        var call = new GrainCallContext(FakeRequest.Of(nameof(IModelGrain.GetAsync)), null, Grain);

        await new SiloProofFilter(_keys).Invoke(call);

        Assert.Equal(_keys.Proof, call.Invoked![GrainCallHeaders.Proof]);
        Assert.Null(RequestContext.Get(GrainCallHeaders.Proof));
    }

    [Fact]
    public async Task A_call_of_a_client_s_object_goes_without_the_proof_whatever_the_caller_holds()
    {
        RequestContext.Set(GrainCallHeaders.Proof, _keys.Proof!);
        RequestContext.Set("other", "stays");
        var call = new GrainCallContext(
            FakeRequest.Of(nameof(IModelGrain.GetAsync)),
            Grain,
            Client
        );

        await new SiloProofFilter(_keys).Invoke(call);

        Assert.Equal("other", Assert.Single(call.Invoked!).Key);
        RequestContext.Clear();
    }

    [Fact]
    public async Task A_forged_proof_is_replaced_on_the_way_on()
    {
        RequestContext.Set(GrainCallHeaders.Proof, "forged");
        var call = new GrainCallContext(FakeRequest.Of(nameof(IModelGrain.GetAsync)), null, Grain);

        await new SiloProofFilter(_keys).Invoke(call);

        Assert.Equal(_keys.Proof, call.Invoked![GrainCallHeaders.Proof]);
        RequestContext.Clear();
    }

    [Theory]
    [InlineData("sys.client", "abc")]
    [InlineData("sys.client", "hosted-S127.0.0.1:11111:1")]
    [InlineData("model", "m")]
    [InlineData("sys.svc.clustermanifest", "S127.0.0.1:11111:1")]
    public async Task The_sender_that_a_message_names_proves_nothing(string type, string key)
    {
        var call = new GrainCallContext(
            FakeRequest.Of(nameof(IModelGrain.MoveAliasAsync)),
            GrainId.Create(type, key),
            Grain
        );

        await Assert.ThrowsAsync<AccessRefusedException>(() => Guard().Invoke(call));

        Assert.Null(call.Invoked);
    }

    [Fact]
    public async Task A_proof_that_came_over_the_wire_and_a_grain_s_own_timer_pass()
    {
        var guard = Guard();
        RequestContext.Set(GrainCallHeaders.Proof, new string(_keys.Proof!.AsSpan()));
        var proven = new GrainCallContext(
            FakeRequest.Of(nameof(IModelGrain.GetAsync)),
            Client,
            Grain
        );
        await guard.Invoke(proven);
        RequestContext.Clear();
        var tick = new GrainCallContext(
            new FakeRequest(typeof(IModelGrain).GetMethod(nameof(IModelGrain.GetAsync))!),
            Grain,
            Grain
        );
        await guard.Invoke(tick);

        Assert.NotNull(proven.Invoked);
        Assert.NotNull(tick.Invoked);
    }

    [Fact]
    public void Keys_of_one_secret_differ_by_use_and_two_secrets_have_nothing_in_common()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var first = new ClusterKeyMaterial(new ClusterKey("k1", secret, default));
        var same = new ClusterKeyMaterial(new ClusterKey("k1", secret, default));
        var other = new ClusterKeyMaterial(
            new ClusterKey("k1", RandomNumberGenerator.GetBytes(32), default)
        );
        byte[] data = [1, 2, 3];

        Assert.Equal(first.Proof, same.Proof);
        Assert.True(same.Verify(data, first.Sign(data)));
        Assert.False(same.Verify([1, 2], first.Sign(data)));
        Assert.False(other.Verify(data, first.Sign(data)));
        Assert.NotEqual(first.Proof, other.Proof);
        Assert.DoesNotContain(
            Convert.ToBase64String(secret),
            first.Proof,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_new_key_signs_only_when_every_silo_has_had_the_time_to_read_it()
    {
        var old = new ClusterKey("k1", RandomNumberGenerator.GetBytes(32), _time.GetUtcNow());
        _time.Advance(TimeSpan.FromDays(1));
        var young = new ClusterKey("k2", RandomNumberGenerator.GetBytes(32), _time.GetUtcNow());
        var ring = new ClusterKeyRing(_time, _options);

        ring.Apply([young, old]);
        Assert.Equal("k1", ring.Active!.Id);
        Assert.True(ring.IsProof(new ClusterKeyMaterial(young).Proof));
        _time.Advance(_options.Value.ActivationDelay);
        ring.Apply([young, old]);

        Assert.Equal("k2", ring.Active!.Id);
        Assert.True(ring.IsProof(new ClusterKeyMaterial(old).Proof));
    }
}
