using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansMl.Client;

/// <summary>Makes ids that sort by time: 26 characters of Crockford's base 32 in lower case, 48 bits of milliseconds, then 80 random bits (a ULID). Valid as names of runs and ids of commands.</summary>
public static class CommandId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A new id.</summary>
    /// <param name="timeProvider">The clock.</param>
    public static string New(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        Span<byte> random = stackalloc byte[10];
        // Ids must not collide between processes, whatever their seeds: the system's generator, not an injected one.
        RandomNumberGenerator.Fill(random);
        var milliseconds = (UInt128)(ulong)timeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        var low =
            ((UInt128)BinaryPrimitives.ReadUInt16BigEndian(random) << 64)
            | BinaryPrimitives.ReadUInt64BigEndian(random[2..]);
        var value = (milliseconds << 80) | low;
        return string.Create(
            26,
            value,
            static (text, bits) =>
            {
                for (var i = text.Length - 1; i >= 0; i--)
                {
                    text[i] = Alphabet[(int)(bits & 31)];
                    bits >>= 5;
                }
            }
        );
    }
}
