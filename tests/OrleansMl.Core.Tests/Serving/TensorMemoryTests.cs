using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Tests.Serving;

public sealed class TensorMemoryTests
{
    // A size that no other test rents, so that this thread's pooled array of it is the one just returned.
    private const int Bytes = 3 << 20;

    [Fact]
    public void Memory_goes_back_to_the_pool_with_the_last_release_and_not_before()
    {
        var memory = new TensorMemory();
        var buffer = memory.Rent(Bytes);
        memory.Hold(2);

        memory.Release();
        memory.Release();
        Assert.NotSame(buffer, new TensorMemory().Rent(Bytes));
        memory.Release();

        Assert.Same(buffer, new TensorMemory().Rent(Bytes));
    }

    [Fact]
    public void Memory_that_all_have_released_can_neither_be_held_nor_released_again()
    {
        var memory = new TensorMemory();
        memory.Rent(1);
        memory.Release();

        Assert.Throws<ObjectDisposedException>(() => memory.Hold());
        Assert.Throws<ObjectDisposedException>(memory.Release);
    }

    [Fact]
    public void Growing_keeps_what_was_written_and_every_buffer_once()
    {
        var memory = new TensorMemory();
        var first = memory.Rent(10);
        var second = memory.Rent(10);
        first[9] = 7;
        second[9] = 8;

        var larger = memory.Grow(first, 10, 5000);
        var other = memory.Grow(second, 10, 6000);

        Assert.True(larger.Length >= 5000);
        Assert.True(other.Length >= 6000);
        Assert.Equal((7, 8), (larger[9], other[9]));
        Assert.Throws<ArgumentException>(() => memory.Grow(new byte[4], 0, 8));
    }
}
