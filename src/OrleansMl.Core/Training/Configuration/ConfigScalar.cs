using System.Globalization;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A single value, understood by YAML 1.2's core schema. <paramref name="Quoted"/> ones are always text.</summary>
internal sealed record ConfigScalar(int Line, int Column, string Text, bool Quoted)
    : ConfigNode(Line, Column)
{
    private const int ShownCharacters = 60;

    public override long Size => 1;

    public override int Depth => 0;

    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";

    public bool? Boolean =>
        Quoted ? null
        : Text is "true" or "True" or "TRUE" ? true
        : Text is "false" or "False" or "FALSE" ? false
        : null;

    /// <summary>The number, infinities and NaN (<c>.inf</c>, <c>.nan</c>) included; null when it is none.</summary>
    public double? Number
    {
        get
        {
            if (Quoted || Text.Length == 0)
                return null;
            if (Text.TrimStart('+', '-') is ".inf" or ".Inf" or ".INF")
                return Text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            if (Text is ".nan" or ".NaN" or ".NAN")
                return double.NaN;
            // Letters but the exponent's would let "Infinity" and "NaN" in, which are text in YAML.
            return
                Text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E')
                && double.TryParse(
                    Text,
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                ? number
                : null;
        }
    }

    public bool IsText => Quoted || (!IsNull && Boolean is null && Number is null);

    public override string Kind =>
        IsNull ? "nothing (to get the default, leave the key out)"
        : Quoted ? $"the text '{Shorten(Text)}'"
        : $"'{Shorten(Text)}'";

    private static string Shorten(string text) =>
        text.Length <= ShownCharacters ? text : text[..(ShownCharacters - 3)] + "...";
}
