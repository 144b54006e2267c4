using System.Globalization;

namespace OrleansMl.Gateway.Serving;

/// <summary>
/// JSON numbers to floating point, correctly rounded. Numbers of up to 15 or so digits, nearly all there are in requests, take
/// Clinger's fast path: an exact integer times or over an exact power of ten rounds once. The rest goes to the runtime.
/// </summary>
internal static class DecimalText
{
    /// <summary>More may not fit into 64 bits.</summary>
    public const int MaxDigits = 19;

    private const ulong MaxExactInteger = 1UL << 53;

    // Bits of a double that a float lacks, and their pattern when the double lies half-way between two floats.
    private const ulong FloatTail = (1UL << 29) - 1;
    private const ulong HalfWay = 1UL << 28;

    private static readonly double[] PowersOfTen =
    [
        1e0,
        1e1,
        1e2,
        1e3,
        1e4,
        1e5,
        1e6,
        1e7,
        1e8,
        1e9,
        1e10,
        1e11,
        1e12,
        1e13,
        1e14,
        1e15,
        1e16,
        1e17,
        1e18,
        1e19,
        1e20,
        1e21,
        1e22,
    ];

    /// <summary>The nearest float; infinite when too large. The text is a valid JSON number.</summary>
    public static float ToSingle(ReadOnlySpan<byte> number) =>
        TryExact(number, out var value) && !IsHalfWay(value)
            ? (float)value
            : float.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Whether a double lies half-way between two floats: what it was rounded from decides then.</summary>
    public static bool IsHalfWay(double value) =>
        (BitConverter.DoubleToUInt64Bits(value) & FloatTail) == HalfWay;

    /// <summary>An integer times a power of ten, where that is rounded once at most.</summary>
    public static bool TryScale(ulong mantissa, int exponent, bool isNegative, out double value)
    {
        value = 0;
        if (mantissa > MaxExactInteger || exponent is < -22 or > 22)
            return false;
        double magnitude = mantissa;
        magnitude =
            exponent < 0 ? magnitude / PowersOfTen[-exponent] : magnitude * PowersOfTen[exponent];
        value = isNegative ? -magnitude : magnitude;
        return true;
    }

    /// <summary>The nearest double; infinite when too large. The text is a valid JSON number.</summary>
    public static double ToDouble(ReadOnlySpan<byte> number) =>
        TryExact(number, out var value)
            ? value
            : double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static bool TryExact(ReadOnlySpan<byte> number, out double value)
    {
        value = 0;
        var i = 0;
        var negative = number[0] == '-';
        if (negative)
            i++;
        ulong mantissa = 0;
        var (digits, fraction) = (0, 0);
        for (; i < number.Length && IsDigit(number[i]); i++, digits++)
            mantissa = mantissa * 10 + (uint)(number[i] - '0');
        if (i < number.Length && number[i] == '.')
        {
            for (i++; i < number.Length && IsDigit(number[i]); i++, digits++, fraction++)
                mantissa = mantissa * 10 + (uint)(number[i] - '0');
        }
        // Past 19 digits the sum may have wrapped around.
        if (digits > MaxDigits)
            return false;
        var exponent = 0;
        if (i < number.Length)
        {
            i++;
            var down = number[i] == '-';
            if (number[i] is (byte)'-' or (byte)'+')
                i++;
            if (number.Length - i > 3)
                return false;
            for (; i < number.Length; i++)
                exponent = exponent * 10 + (number[i] - '0');
            if (down)
                exponent = -exponent;
        }
        return TryScale(mantissa, exponent - fraction, negative, out value);
    }

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;
}
