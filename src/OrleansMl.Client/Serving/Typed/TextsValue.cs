using System.Buffers;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Texts one after the other.</summary>
internal sealed class TextsValue : TensorValue<string[]>
{
    private static readonly TextValue Text = new();

    public override long Count(string[] value) => value.Length;

    public override void Write(string[] value, IBufferWriter<byte> target)
    {
        foreach (var text in value)
            Text.Write(text, target);
    }

    public override string[] Read(ReadOnlySpan<byte> data, ref int at, ReadOnlySpan<long> row)
    {
        var values = new string[Elements(row)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Text.Read(data, ref at, []);
        return values;
    }
}
