namespace OrleansMl.Engines.Torch.Tests.Datasets;

/// <summary>Small datasets that can be learned.</summary>
internal static class Examples
{
    public const int Side = 12;

    /// <summary>Noise with a bright square whose corner of the image is the class.</summary>
    public static MemoryDataset Corners(int train, int validation = 0, int test = 0)
    {
        var random = new Random(5);
        var labels = Enumerable
            .Range(0, train + validation + test)
            .Select(_ => random.Next(4))
            .ToArray();
        return new MemoryDataset(train, validation, test)
            .Image(
                "image",
                Side,
                Side,
                1,
                row =>
                {
                    var pixels = new byte[Side * Side];
                    var noise = new Random(row);
                    noise.NextBytes(pixels);
                    for (var i = 0; i < pixels.Length; i++)
                        pixels[i] /= 2;
                    for (var y = 0; y < 5; y++)
                    for (var x = 0; x < 5; x++)
                        pixels[((y + (labels[row] / 2 * 7)) * Side) + x + (labels[row] % 2 * 7)] =
                            220;
                    return pixels;
                }
            )
            .Integer("label", row => labels[row]);
    }

    /// <summary>Columns of every kind; what is bought and spent follows from them.</summary>
    public static MemoryDataset Customers(int train, int validation = 0, int test = 0)
    {
        string[] cities = ["Bern", "Oslo", "Rom"];
        double Age(int row) => 20 + (row * 7919 % 60);
        string City(int row) => cities[row * 31 % 3];
        bool Member(int row) => row * 17 % 5 < 2;
        return new MemoryDataset(train, validation, test)
            .Number("age", row => row % 11 == 0 ? double.NaN : Age(row))
            .Text("city", row => row % 13 == 0 ? null : City(row))
            .Boolean("member", row => row % 17 == 0 ? null : Member(row))
            .Vector("taste", 3, row => [row % 7, row % 3, -(row % 2)])
            .Integer("visits", row => row % 9)
            .Boolean("bought", row => (Age(row) > 45) ^ (City(row) == "Rom"))
            .Number("spent", row => (3 * Age(row)) + (row % 7 * 10) + (Member(row) ? 50 : 0))
            .Text(
                "segment",
                row =>
                    Member(row) ? "gold"
                    : row % 7 > 3 ? "silver"
                    : "none"
            );
    }
}
