using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Tests.Operations;

public sealed class TransportMemoryTests
{
    [Fact]
    public void A_freed_block_is_given_out_again_and_only_once_however_often_it_was_freed()
    {
        using var pool = new TransportMemory();
        var first = pool.Rent();
        first.Memory.Span[0] = 7;
        first.Dispose();
        first.Dispose();

        using var second = pool.Rent(TransportMemory.BlockBytes);
        using var third = pool.Rent();

        Assert.Same(first, second);
        Assert.NotSame(second, third);
        Assert.Equal(TransportMemory.BlockBytes, third.Memory.Length);
        Assert.Equal(0, pool.Kept);
    }

    [Fact]
    public void Blocks_are_kept_up_to_the_limit_and_none_larger_is_given()
    {
        using var pool = new TransportMemory();
        var blocks = Enumerable
            .Range(0, TransportMemory.MaxKept + 10)
            .Select(_ => pool.Rent())
            .ToList();
        foreach (var block in blocks)
            block.Dispose();

        Assert.Equal(TransportMemory.MaxKept, pool.Kept);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(TransportMemory.BlockBytes + 1));
    }

    [Fact]
    public void What_is_freed_after_the_pool_is_not_kept()
    {
        var pool = new TransportMemory();
        var block = pool.Rent();
        pool.Dispose();
        block.Dispose();

        Assert.Equal(0, pool.Kept);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }
}
