using OrleansMl.Client.Trust;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Tests.Trust;

/// <summary>A token is asked for once, renewed ahead of its expiry behind the calls, and never shown when it is old.</summary>
public sealed class ClusterTokenSourceTests : IDisposable
{
    private readonly StepClock _time = new();
    private readonly List<TaskCompletionSource<ClusterTokenAnswer>> _asked = [];
    private readonly ClusterTokenSource _tokens;

    public ClusterTokenSourceTests() =>
        _tokens = new ClusterTokenSource(
            _ =>
            {
                var asked = new TaskCompletionSource<ClusterTokenAnswer>();
                _asked.Add(asked);
                return asked.Task;
            },
            _time
        );

    public void Dispose() => _tokens.Dispose();

    private static ClusterTokenAnswer Answer(string token) =>
        new()
        {
            Token = token,
            Subject = "shop",
            Permissions = "predict",
            Models = ["*"],
            ExpiresAt = DateTimeOffset.UnixEpoch,
            ExpiresInSeconds = 300,
        };

    private ValueTask<string> GetAsync() => _tokens.GetAsync(TestContext.Current.CancellationToken);

    [Fact]
    public async Task Calls_that_meet_wait_for_one_token()
    {
        var first = GetAsync().AsTask();
        var second = GetAsync().AsTask();
        _asked.Single().SetResult(Answer("a"));

        Assert.Equal(["a", "a"], await Task.WhenAll(first, second));
        Assert.Equal("a", await GetAsync());
        Assert.Single(_asked);
    }

    [Fact]
    public async Task The_next_token_is_asked_for_behind_the_calls_and_an_old_one_is_not_shown()
    {
        var first = GetAsync().AsTask();
        _asked[0].SetResult(Answer("a"));
        await first;
        _time.Advance(TimeSpan.FromSeconds(201));

        var during = GetAsync();
        Assert.True(during.IsCompleted);
        Assert.Equal("a", await during);
        Assert.Equal("a", await GetAsync());
        Assert.Equal(2, _asked.Count);
        _asked[1].SetResult(Answer("b"));
        Assert.Equal("b", await GetAsync());

        _time.Advance(TimeSpan.FromSeconds(299));
        var late = GetAsync().AsTask();
        Assert.False(late.IsCompleted);
        _asked[2].SetResult(Answer("c"));
        Assert.Equal("c", await late);
    }

    [Fact]
    public async Task A_gateway_that_is_away_is_an_error_only_when_the_token_is_old()
    {
        var first = GetAsync().AsTask();
        _asked[0].SetResult(Answer("a"));
        await first;
        _time.Advance(TimeSpan.FromSeconds(201));
        Assert.Equal("a", await GetAsync());
        _asked[1].SetException(new OrleansMlException("away"));
        Assert.Equal("a", await GetAsync());

        _time.Advance(TimeSpan.FromSeconds(100));
        var late = GetAsync().AsTask();
        _asked[^1].SetException(new OrleansMlException("away"));
        await Assert.ThrowsAsync<OrleansMlException>(() => late);
    }

    private sealed class StepClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
