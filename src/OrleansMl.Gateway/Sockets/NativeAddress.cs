using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace OrleansMl.Gateway.Sockets;

/// <summary>Reads the kernel's addresses.</summary>
internal static class NativeAddress
{
    private const int Internet = 2;
    private const int Internet6 = 10;

    /// <summary>An address of IP; null for others, which say nothing about a peer.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 8)
            return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) switch
        {
            Internet => new IPEndPoint(new IPAddress(address[4..8]), port),
            Internet6 when address.Length >= 28 => new IPEndPoint(
                new IPAddress(address[8..24], MemoryMarshal.Read<uint>(address[24..])),
                port
            ),
            _ => null,
        };
    }
}
