namespace OrleansMl.Core.Serving.Traffic;

/// <summary>The distribution functions of the tests. Formulas by their numbers in the NIST Digital Library of Mathematical Functions, dlmf.nist.gov.</summary>
public static class SpecialFunctions
{
    private const int MaxTerms = 10_000;
    private const double Precision = 1e-15;
    private const double Tiny = 1e-300;

    // Lanczos' approximation with g = 7 and nine terms: 15 digits.
    private static readonly double[] Lanczos =
    [
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7,
    ];

    /// <summary>The logarithm of the gamma function of a number above 0.</summary>
    public static double LogGamma(double x)
    {
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);
        x--;
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
            sum += Lanczos[i] / (x + i);
        var t = x + 7.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x + 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }

    /// <summary>The part of a standard normal that lies farther from 0 than |z|: Q(1/2, z²/2), by the series 8.11.4 or the continued fraction 8.9.2.</summary>
    public static double TwoSidedNormal(double z)
    {
        var x = z * z / 2;
        if (double.IsNaN(x))
            return double.NaN;
        if (x == 0)
            return 1;
        const double A = 0.5;
        var front = Math.Exp((A * Math.Log(x)) - x - LogGamma(A));
        if (x < A + 1)
        {
            var term = 1 / A;
            var sum = term;
            for (var n = 1; n < MaxTerms && term > sum * Precision; n++)
            {
                term *= x / (A + n);
                sum += term;
            }
            return 1 - (front * sum);
        }
        // Lentz' method.
        var b = x + 1 - A;
        var c = 1 / Tiny;
        var d = 1 / b;
        var h = d;
        for (var n = 1; n < MaxTerms; n++)
        {
            var an = -n * (n - A);
            b += 2;
            d = 1 / NotZero((an * d) + b);
            c = NotZero(b + (an / c));
            h *= d * c;
            if (Math.Abs((d * c) - 1) < Precision)
                break;
        }
        return front * h;
    }

    /// <summary>The part of Student's t that lies farther from 0 than |t|: I(ν/(ν+t²); ν/2, 1/2).</summary>
    public static double TwoSidedStudent(double t, double degrees)
    {
        if (double.IsNaN(t) || double.IsNaN(degrees))
            return double.NaN;
        return double.IsInfinity(t)
            ? 0
            : RegularizedBeta(degrees / (degrees + (t * t)), degrees / 2, 0.5);
    }

    /// <summary>The regularized incomplete beta function, by the continued fraction 8.17.22.</summary>
    public static double RegularizedBeta(double x, double a, double b)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        var front = Math.Exp(
            LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x))
        );
        return x < (a + 1) / (a + b + 2)
            ? front * BetaFraction(x, a, b) / a
            : 1 - (front * BetaFraction(1 - x, b, a) / b);
    }

    /// <summary>How far from 0 a two-sided tail of this probability begins, by bisection.</summary>
    /// <param name="tail">The tail's probability as it grows less with distance.</param>
    /// <param name="probability">Above 0 and below 1.</param>
    public static double Quantile(Func<double, double> tail, double probability)
    {
        ArgumentNullException.ThrowIfNull(tail);
        double low = 0;
        double high = 1;
        while (tail(high) > probability && high < 1e12)
            high *= 2;
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            if (tail(middle) > probability)
                low = middle;
            else
                high = middle;
        }
        return (low + high) / 2;
    }

    private static double BetaFraction(double x, double a, double b)
    {
        double c = 1;
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var h = d;
        for (var m = 1; m < MaxTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            h *= d * c;
            if (Math.Abs((d * c) - 1) < Precision)
                break;
        }
        return h;
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
