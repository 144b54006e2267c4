namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Random numbers of one case: SplitMix64 from the run's seed and the case's number, so that a case is found again by these two.</summary>
internal sealed class FuzzRandom(ulong seed, ulong number)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed + Step) ^ Mix(number * Step + 1);

    public ulong Next()
    {
        _state += Step;
        return Mix(_state);
    }

    /// <summary>From 0, less than the bound.</summary>
    public int Next(int bound) => (int)(Next() % (uint)bound);

    public bool Chance(double probability) => Next() / (double)ulong.MaxValue < probability;

    public T Pick<T>(IReadOnlyList<T> values) => values[Next(values.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)Next();
        return bytes;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
