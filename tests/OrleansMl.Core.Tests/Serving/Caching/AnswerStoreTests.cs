using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Caching;

namespace OrleansMl.Core.Tests.Serving.Caching;

public sealed class AnswerStoreTests
{
    private const long One = 64 + 320 + 160;

    [Fact]
    public void Calls_that_never_repeat_push_out_none_that_do()
    {
        var store = new AnswerStore(10 * One);
        for (var i = 0; i < 4; i++)
            store.TryAdd(Answer(i));
        for (var i = 0; i < 4; i++)
            Assert.NotNull(store.Take(Key(i), 0));

        for (var i = 100; i < 200; i++)
            store.TryAdd(Answer(i));

        for (var i = 0; i < 4; i++)
            Assert.NotNull(store.Take(Key(i), 0));
        Assert.Equal(10, store.Count);
        Assert.Equal(94, store.Evictions);
    }

    [Fact]
    public void What_was_used_longest_ago_goes_first_and_the_room_is_kept()
    {
        var store = new AnswerStore(3 * One);
        for (var i = 0; i < 5; i++)
        {
            store.TryAdd(Answer(i));
            Assert.InRange(store.Bytes, 1, 3 * One);
        }

        Assert.Null(store.Take(Key(0), 0));
        Assert.Null(store.Take(Key(1), 0));
        Assert.NotNull(store.Take(Key(4), 0));
    }

    [Fact]
    public void The_protected_do_not_take_all_the_room()
    {
        var store = new AnswerStore(5 * One);
        for (var i = 0; i < 5; i++)
        {
            store.TryAdd(Answer(i));
            Assert.NotNull(store.Take(Key(i), 0));
        }

        // The first is on trial again, and goes for the next.
        store.TryAdd(Answer(9));

        Assert.Null(store.Take(Key(0), 0));
        Assert.NotNull(store.Take(Key(1), 0));
    }

    [Fact]
    public void An_answer_larger_than_all_the_room_is_not_taken()
    {
        var store = new AnswerStore(One - 1);

        Assert.False(store.TryAdd(Answer(1)));
        Assert.Equal((0, 0L), (store.Count, store.Bytes));
    }

    [Fact]
    public void Dropping_a_version_gives_its_room_back()
    {
        var store = new AnswerStore(10 * One);
        store.TryAdd(Answer(1));
        store.TryAdd(Answer(2));
        store.Take(Key(1), 0);

        store.Drop(new ModelVersionId("churn", 1));

        Assert.Equal((0, 0L), (store.Count, store.Bytes));
    }

    private static RequestDigest Key(int of) =>
        RequestDigest.Of(CacheWorld.Request(of), new ModelVersionId("churn", 1), 1);

    private static CachedAnswer Answer(int of) =>
        CachedAnswer.Copy(
            Key(of),
            new ModelVersionId("churn", 1),
            [CacheWorld.Request(of).Inputs[0] with { Data = new byte[64] }],
            long.MaxValue
        );
}
