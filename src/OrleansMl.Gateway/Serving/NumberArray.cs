using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OrleansMl.Gateway.Serving;

/// <summary>
/// Reads an array of JSON numbers, flat or nested, without a reader's work for each token: most of what a request of JSON costs.
/// It knows the usual only. Whatever is not so (null, a wrong shape, a number out of range, a syntax error) it leaves to
/// <see cref="TensorJsonReader"/>, which reads it again and says what is wrong.
/// </summary>
internal ref struct NumberArray
{
    private const int MaxLevels = 8;

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly ReadOnlySpan<long> _shape;
    private int _at;

    private NumberArray(ReadOnlySpan<byte> utf8, ReadOnlySpan<long> shape)
    {
        _utf8 = utf8;
        _shape = shape;
    }

    /// <summary>Reads as many numbers as the target holds, from behind the outermost bracket.</summary>
    /// <param name="utf8">Begins behind the bracket that opens the array.</param>
    /// <param name="shape">Of the tensor.</param>
    /// <param name="target">Little-endian values of <paramref name="size"/> bytes.</param>
    /// <param name="size">4: FP32, 8: FP64.</param>
    /// <param name="consumed">Where the bracket that closes the array stands.</param>
    /// <returns>False: not the usual; nothing is known but that.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<long> shape,
        Span<byte> target,
        int size,
        out int consumed
    )
    {
        var array = new NumberArray(utf8, shape);
        var isRead = shape.Length <= MaxLevels && target.Length > 0 && array.Read(target, size);
        consumed = array._at;
        return isRead;
    }

    private bool Read(Span<byte> target, int size)
    {
        Span<long> children = stackalloc long[MaxLevels + 1];
        children.Clear();
        var level = 0;
        var elementLevel = -1;
        var written = 0;
        while (true)
        {
            var next = Peek();
            while (next == '[')
            {
                if (++level >= _shape.Length)
                    return false;
                children[level - 1]++;
                children[level] = 0;
                _at++;
                next = Peek();
            }
            if (elementLevel < 0)
            {
                if (level != 0 && level != _shape.Length - 1)
                    return false;
                elementLevel = level;
            }
            if (level != elementLevel || written == target.Length)
                return false;
            if (
                size == sizeof(float)
                    ? !TryReadSingle(target[written..])
                    : !TryReadDouble(target[written..])
            )
                return false;
            written += size;
            children[level]++;
            next = Peek();
            while (next == ']' && level > 0)
            {
                if (children[level] != _shape[level])
                    return false;
                level--;
                _at++;
                next = Peek();
            }
            if (next == ']')
                return written == target.Length;
            if (next != ',')
                return false;
            _at++;
        }
    }

    // The next byte that is no white space, which it stands at then; 0 at the end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Peek()
    {
        while ((uint)_at < (uint)_utf8.Length)
        {
            var next = _utf8[_at];
            if (next > ' ' || next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return next;
            _at++;
        }
        return 0;
    }

    private bool TryReadSingle(Span<byte> target)
    {
        var start = _at;
        float value;
        if (TryReadExact(out var exact) && !DecimalText.IsHalfWay(exact))
            value = (float)exact;
        else if (_at > start)
            value = DecimalText.ToSingle(_utf8[start.._at]);
        else
            return false;
        BinaryPrimitives.WriteSingleLittleEndian(target, value);
        return float.IsFinite(value);
    }

    private bool TryReadDouble(Span<byte> target)
    {
        var start = _at;
        if (!TryReadExact(out var value))
        {
            if (_at == start)
                return false;
            value = DecimalText.ToDouble(_utf8[start.._at]);
        }
        BinaryPrimitives.WriteDoubleLittleEndian(target, value);
        return double.IsFinite(value);
    }

    /// <summary>Passes over a number. True: its value is exact to the last bit. False with the place unmoved: it is no number.</summary>
    private bool TryReadExact(out double value)
    {
        value = 0;
        var utf8 = _utf8;
        var at = _at;
        var isNegative = at < utf8.Length && utf8[at] == '-';
        if (isNegative)
            at++;
        var whole = at;
        ulong mantissa = 0;
        while (at < utf8.Length && IsDigit(utf8[at]))
            mantissa = mantissa * 10 + (uint)(utf8[at++] - '0');
        var digits = at - whole;
        // JSON has no number without a digit before the point, and none but 0 that begins with 0.
        if (digits == 0 || (digits > 1 && utf8[whole] == '0'))
            return false;
        var exponent = 0;
        if (at < utf8.Length && utf8[at] == '.')
        {
            var fraction = ++at;
            if (at + sizeof(ulong) <= utf8.Length)
            {
                var eight = BinaryPrimitives.ReadUInt64LittleEndian(utf8[at..]);
                if (AreDigits(eight))
                {
                    mantissa = mantissa * 100_000_000 + EightDigits(eight);
                    at += sizeof(ulong);
                }
            }
            while (at < utf8.Length && IsDigit(utf8[at]))
                mantissa = mantissa * 10 + (uint)(utf8[at++] - '0');
            if (at == fraction)
                return false;
            exponent = fraction - at;
            digits -= exponent;
        }
        if (at < utf8.Length && (utf8[at] | 0x20) == 'e')
        {
            at++;
            var isDown = at < utf8.Length && utf8[at] == '-';
            if (isDown || (at < utf8.Length && utf8[at] == '+'))
                at++;
            var first = at;
            var power = 0;
            while (at < utf8.Length && IsDigit(utf8[at]))
                power = Math.Min(power * 10 + (utf8[at++] - '0'), 10_000);
            if (at == first)
                return false;
            exponent += isDown ? -power : power;
        }
        _at = at;
        return digits <= DecimalText.MaxDigits
            && DecimalText.TryScale(mantissa, exponent, isNegative, out value);
    }

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    private static bool AreDigits(ulong eight) =>
        (eight & 0xF0F0F0F0F0F0F0F0) == 0x3030303030303030
        && ((eight + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) == 0x3030303030303030;

    // Pairs of digits become numbers of two, those of four, those of eight digits, side by side in one word.
    private static uint EightDigits(ulong eight)
    {
        const ulong Pairs = 0x000000FF000000FF;
        const ulong FirstAndThird = 100 + (1_000_000UL << 32);
        const ulong SecondAndFourth = 1 + (10_000UL << 32);
        eight -= 0x3030303030303030;
        eight = eight * 10 + (eight >> 8);
        return (uint)(
            ((eight & Pairs) * FirstAndThird + ((eight >> 16) & Pairs) * SecondAndFourth) >> 32
        );
    }
}
