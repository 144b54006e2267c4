namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Draws from the distributions that bandits need.</summary>
public static class RandomDraws
{
    /// <summary>Above 0 and below 1.</summary>
    public static double NextUnit(this ITrafficRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return KeyHash.Unit(random.NextBits());
    }

    /// <summary>Standard normal, by Box and Muller (1958).</summary>
    public static double NextNormal(this ITrafficRandom random) =>
        Math.Sqrt(-2 * Math.Log(random.NextUnit())) * Math.Cos(2 * Math.PI * random.NextUnit());

    /// <summary>Gamma with scale 1, by Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).</summary>
    /// <param name="random">The source.</param>
    /// <param name="shape">Above 0.</param>
    public static double NextGamma(this ITrafficRandom random, double shape)
    {
        if (shape < 1)
            return random.NextGamma(shape + 1) * Math.Pow(random.NextUnit(), 1 / shape);
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextNormal();
            var v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(random.NextUnit()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
                return d * v;
        }
    }

    /// <summary>Beta, as the share of one gamma in two.</summary>
    public static double NextBeta(this ITrafficRandom random, double alpha, double beta)
    {
        var x = random.NextGamma(alpha);
        var y = random.NextGamma(beta);
        return x / (x + y);
    }
}
