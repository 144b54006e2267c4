using System.Buffers.Binary;

namespace OrleansMl.Data.Tests.Datasets;

/// <summary>Writes IDX files for tests.</summary>
internal static class Idx
{
    public static byte[] File(int[] dimensions, byte[] values, byte type = 0x08)
    {
        var file = new byte[4 + (4 * dimensions.Length) + values.Length];
        file[2] = type;
        file[3] = (byte)dimensions.Length;
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), dimensions[i]);
        values.CopyTo(file, file.Length - values.Length);
        return file;
    }

    public static byte[] Images(int rows, int height = 4, int width = 3)
    {
        var pixels = new byte[rows * height * width];
        new Random(rows).NextBytes(pixels);
        return File([rows, height, width], pixels);
    }

    public static byte[] Labels(int rows) =>
        File([rows], [.. Enumerable.Range(0, rows).Select(i => (byte)(i % 10))]);
}
