namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Shapes of tensors, most of them right.</summary>
internal static class Shapes
{
    private const int MostRows = 3;

    private static readonly string[] WrongDimensions =
    [
        "0",
        "-1",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "4294967296",
        "4294967297",
        "2147483648",
        "2147483647",
        "65536",
        "1.5",
        "1e3",
        "\"1\"",
        "null",
        "[1]",
    ];

    /// <summary>A shape that the input takes.</summary>
    public static long[] Right(FuzzRandom random, EchoInput input, int rows) =>
        [
            .. input.Shape.Select(
                (dimension, i) =>
                    dimension >= 0 ? dimension
                    : i == 0 ? rows
                    : 1 + random.Next(MostRows)
            ),
        ];

    /// <summary>Rows of a request.</summary>
    public static int Rows(FuzzRandom random) => 1 + random.Next(MostRows);

    /// <summary>The dimensions as they are written, at times wrong.</summary>
    public static IEnumerable<string> Written(FuzzRandom random, long[] shape, double wrong)
    {
        if (random.Chance(wrong / 4))
        {
            var rank = random.Pick([0, 1, 2, 8, 63, 64, 65, 300]);
            return Enumerable.Range(0, rank).Select(_ => random.Pick(WrongDimensions)).ToArray();
        }
        return shape
            .Select(dimension =>
                random.Chance(wrong) ? random.Pick(WrongDimensions) : dimension.ToString()
            )
            .ToArray();
    }

    /// <summary>How many elements that are.</summary>
    public static int Count(long[] shape) => (int)shape.Aggregate(1L, (all, one) => all * one);
}
