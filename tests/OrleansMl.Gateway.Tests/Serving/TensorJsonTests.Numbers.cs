using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed partial class TensorJsonTests
{
    [Fact]
    public void Reading_numbers_allocates_nothing_of_their_size()
    {
        var values = string.Join(",", Enumerable.Range(0, 50_000).Select(i => $"{i}.25"));
        foreach (var datatype in new[] { "FP32", "FP64", "INT32" })
        {
            var numbers =
                datatype == "INT32" ? values.Replace(".25", "", StringComparison.Ordinal) : values;
            var utf8 = Encoding.UTF8.GetBytes(
                $$$"""{"inputs":[{"name":"x","shape":[50000],"datatype":"{{{datatype}}}","data":[{{{numbers}}}]}]}"""
            );
            void Read()
            {
                var memory = new TensorMemory();
                InferenceRequestReader.Read(utf8, memory);
                memory.Release();
            }

            Read();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Read();
            var each = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.True(each < 8192, $"{each} bytes for 50,000 numbers of {datatype}");
        }
    }

    [Theory]
    [InlineData("[1,2.5,-3e2,0.1]", true)]
    [InlineData(" [ [ 1 , 2.5 ] ,\n[ -3e2 ,\t0.1 ] ] ", true)]
    [InlineData("[[1,2.5],[-3e2,0.1]]", true)]
    [InlineData("[1,2.5,-3e2,1E-1]", true)]
    [InlineData("[01,2.5,-3e2,0.1]", false)]
    [InlineData("[1,2.5,-3e2,.1]", false)]
    [InlineData("[1,2.5,-3e2,0.]", false)]
    [InlineData("[1,2.5,-3e,0.1]", false)]
    [InlineData("[+1,2.5,-3e2,0.1]", false)]
    [InlineData("[1,2.5,-3e2,0.1,]", false)]
    [InlineData("[,1,2.5,-3e2,0.1]", false)]
    [InlineData("[1 2.5,-3e2,0.1,4]", false)]
    [InlineData("[1,2.5,-3e2,0.1", false)]
    [InlineData("[1,2.5,-3e2,0.1}", false)]
    [InlineData("[1,2.5,-3e2,NaN]", false)]
    [InlineData("[[1,2.5],[-3e2,0.1]]]", false)]
    [InlineData("[[1,2.5],-3e2,0.1]", false)]
    [InlineData("[[1,2.5,-3e2],[0.1]]", false)]
    public void Arrays_of_numbers_follow_the_grammar_and_the_shape(string data, bool isRight)
    {
        var json =
            $$$"""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":{{{data}}}}],"id":"after"}""";

        if (isRight)
        {
            var parsed = Parse(json);
            byte[] expected =
            [
                .. new[] { 1f, 2.5f, -300f, 0.1f }.SelectMany(BitConverter.GetBytes),
            ];
            Assert.Equal(expected, parsed.Request.Inputs[0].Data.ToArray());
            Assert.Equal("after", parsed.Request.Id);
            return;
        }
        var error = Record.Exception(() => Parse(json));
        Assert.True(error is InvalidInputException or JsonException, $"{error}");
    }

    [Fact]
    public void An_error_behind_numbers_is_placed_where_it_is()
    {
        const string Json =
            """{"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[1,2,3]}],!}""";

        var error = Assert.ThrowsAny<JsonException>(() => Parse(Json));

        Assert.Equal(Json.IndexOf('!', StringComparison.Ordinal), error.BytePositionInLine);
    }

    [Fact]
    public void Numbers_are_read_as_the_runtime_reads_them()
    {
        var digits = Gen.Char['0', '9']
            .Array[1, 25]
            .Select(chars => new string(chars).TrimStart('0'));
        var numbers =
            from sign in Gen.Bool.Select(negative => negative ? "-" : "")
            from whole in digits
            from fraction in Gen.OneOf(
                Gen.Const(""),
                Gen.Char['0', '9'].Array[1, 25].Select(c => "." + new string(c))
            )
            from exponent in Gen.OneOf(
                Gen.Const(""),
                Gen.Int[-60, 60].Select(e => $"e{e}"),
                Gen.Int[0, 40].Select(e => $"E+{e}")
            )
            select $"{sign}{(whole.Length > 0 ? whole : "0")}{fraction}{exponent}";

        numbers.Sample(text =>
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            Assert.Equal(
                BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)),
                BitConverter.SingleToUInt32Bits(DecimalText.ToSingle(utf8))
            );
            Assert.Equal(
                BitConverter.DoubleToUInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)),
                BitConverter.DoubleToUInt64Bits(DecimalText.ToDouble(utf8))
            );
        });
    }

    [Fact]
    public void A_number_half_way_between_two_floats_is_rounded_once()
    {
        // 2^24 + 1 lies half-way; with a little more, rounding to double first would lose that little.
        foreach (
            var text in new[]
            {
                "16777217",
                "16777217.000000001",
                "16777219",
                "1.00000005960464477539062500001",
            }
        )
            Assert.Equal(
                float.Parse(text, CultureInfo.InvariantCulture),
                DecimalText.ToSingle(Encoding.UTF8.GetBytes(text))
            );
    }
}
