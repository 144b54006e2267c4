using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Sequences;

namespace OrleansMl.Core.Tests.Serving.Sequences;

public sealed class SequenceKeyTests
{
    [Fact]
    public void What_is_plain_is_readable_in_the_key()
    {
        var key = SequenceKey.Of(new InferenceCall("churn", "3", Caller: "app-1"), "order-17");

        Assert.Equal("churn/3/app-1/order-17", key);
        Assert.Equal("churn", SequenceKey.ModelOf(key));
    }

    [Fact]
    public void Whatever_differs_has_another_key_and_every_key_is_short_plain_text()
    {
        string[] texts =
        [
            "",
            "~",
            "a",
            "a/b",
            "a/~",
            "ä",
            "\0",
            "\ud800",
            "\ud801",
            new string('a', 64),
            new string('a', 65),
            new string('b', 4_000),
        ];
        var keys = new HashSet<string>();
        foreach (var reference in texts)
        {
            foreach (var caller in texts)
            {
                foreach (var id in texts.Skip(1))
                {
                    var key = SequenceKey.Of(
                        new InferenceCall("churn", reference, Caller: caller),
                        id
                    );
                    Assert.True(keys.Add(key), key);
                    Assert.InRange(key.Length, 1, 400);
                    Assert.All(key, c => Assert.InRange(c, '!', '~'));
                }
            }
        }
    }
}
