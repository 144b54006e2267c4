using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Sequences;

namespace OrleansMl.Core.Tests.Serving.Sequences;

public sealed class SequencePolicyTests
{
    private static readonly ModelSignature Signature = new()
    {
        Inputs = [Tensor("x", "FP32", -1, 1), Tensor("h", "FP32", -1, 4), Tensor("t", "BYTES", 1)],
        Outputs =
        [
            Tensor("y", "FP32", -1, 1),
            Tensor("h2", "FP32", -1, 4),
            Tensor("t2", "BYTES", 1),
        ],
    };

    [Theory]
    [InlineData("""{}""", "sequences.states")]
    [InlineData("""{"states":[null]}""", "sequences.states[0]")]
    [InlineData("""{"states":[{"input":"","output":"h2"}]}""", "sequences.states[0].input")]
    [InlineData("""{"states":[{"input":"h","output":""}]}""", "sequences.states[0].output")]
    [InlineData(
        """{"states":[{"input":"h","output":"a"},{"input":"h","output":"b"}]}""",
        "an input is named twice"
    )]
    [InlineData(
        """{"states":[{"input":"h","output":"h2","shape":[0,4]}]}""",
        "sequences.states[0].shape"
    )]
    [InlineData(
        """{"states":[{"input":"h","output":"h2","shape":[3000000000,3000000000]}]}""",
        "sequences.states[0].shape"
    )]
    [InlineData(
        """{"states":[{"input":"h","output":"h2","initial":[]}]}""",
        "sequences.states[0].initial"
    )]
    [InlineData(
        """{"states":[{"input":"h","output":"h2","initial":["NaN"]}]}""",
        "sequences.states[0].initial"
    )]
    [InlineData("""{"idleSeconds":0}""", "sequences.idleSeconds")]
    [InlineData("""{"maxSequences":0}""", "sequences.maxSequences")]
    [InlineData("""{"maxStateBytes":1048577}""", "sequences.maxStateBytes")]
    [InlineData("""{"keptAnswers":65}""", "sequences.keptAnswers")]
    [InlineData("""{"maxAnswerBytes":0}""", "sequences.maxAnswerBytes")]
    [InlineData("""{"maxWaiting":0}""", "sequences.maxWaiting")]
    public void What_is_wrong_is_said_with_its_key(string json, string expected) =>
        Assert.Contains(
            SequencePolicyChecks.Problems(
                JsonSerializer.Deserialize<SequencePolicy>(json, ContractsJson.Options)
            ),
            problem => problem.Contains(expected, StringComparison.Ordinal)
        );

    [Theory]
    [InlineData("""{"input":"g","output":"h2"}""", "there is no input 'g'")]
    [InlineData("""{"input":"h","output":"g2"}""", "there is no output 'g2'")]
    [InlineData("""{"input":"h","output":"t2"}""", "takes FP32, output 't2' gives BYTES")]
    [InlineData("""{"input":"h","output":"y"}""", "takes shape [-1, 4], output 'y' gives [-1, 1]")]
    [InlineData("""{"input":"h","output":"h2","shape":[2,3]}""", "at the beginning is [2, 3]")]
    [InlineData("""{"input":"t","output":"t2","initial":[1]}""", "leave 'initial' out")]
    [InlineData("""{"input":"h","output":"h2","shape":[5000,4]}""", "80000 bytes")]
    public void What_does_not_fit_a_version_is_said(string state, string expected) =>
        Assert.Contains(
            SequencePolicyChecks.Problems(Policy(state), Signature),
            problem => problem.Contains(expected, StringComparison.Ordinal)
        );

    [Fact]
    public void State_begins_as_zeros_as_given_or_as_one_value_everywhere()
    {
        Assert.Equal([0f, 0f, 0f, 0f], Floats("""{"input":"h","output":"h2"}"""));
        Assert.Equal(
            [1f, -2f, 3f, 0.5f],
            Floats("""{"input":"h","output":"h2","initial":[1,-2,3,0.5]}""")
        );
        Assert.Equal(
            Enumerable.Repeat(7f, 8),
            Floats("""{"input":"h","output":"h2","shape":[2,4],"initial":[7]}""")
        );
        var text = Assert.Single(
            InitialState.Of(Policy("""{"input":"t","output":"t2"}"""), Signature)
        );
        Assert.Equal(new byte[4], text.Data.ToArray());
    }

    [Theory]
    [InlineData("FP64", "[1.5]", "000000000000F83F")]
    [InlineData("FP16", "[1.5]", "003E")]
    [InlineData("BF16", "[1.5]", "C03F")]
    [InlineData("BOOL", "[1]", "01")]
    [InlineData("INT8", "[-1]", "FF")]
    [InlineData("UINT16", "[258]", "0201")]
    [InlineData("INT32", "[-2]", "FEFFFFFF")]
    [InlineData("INT64", "[3]", "0300000000000000")]
    [InlineData("UINT64", "[3]", "0300000000000000")]
    [InlineData("FP16", "[1e9]", null)]
    [InlineData("BF16", "[3.4028235e38]", null)]
    [InlineData("FP32", "[1e300]", null)]
    [InlineData("BOOL", "[2]", null)]
    [InlineData("INT8", "[128]", null)]
    [InlineData("UINT8", "[-1]", null)]
    [InlineData("INT32", "[0.5]", null)]
    [InlineData("INT64", "[1e30]", null)]
    [InlineData("INT32", "[1,2]", null)]
    public void Values_at_the_beginning_are_the_datatypes(
        string datatype,
        string values,
        string? hex
    )
    {
        var signature = new ModelSignature
        {
            Inputs = [Tensor("h", datatype, 1)],
            Outputs = [Tensor("h2", datatype, 1)],
        };
        var policy = Policy($$"""{"input":"h","output":"h2","initial":{{values}}}""");
        if (hex is null)
            Assert.Throws<InvalidInputException>(() => InitialState.Of(policy, signature));
        else
            Assert.Equal(hex, Convert.ToHexString(InitialState.Of(policy, signature)[0].Data.Span));
    }

    [Theory]
    [InlineData("serving-sequences.json")]
    [InlineData("serving-cache.json")]
    public void The_examples_are_read_and_allowed(string name)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "OrleansMl.sln")))
            root = Path.GetDirectoryName(root)!;
        var policy = JsonSerializer.Deserialize<ServingPolicy>(
            File.ReadAllText(Path.Combine(root, "examples", name)),
            ContractsJson.Options
        )!;

        Assert.Empty(ServingPolicyChecks.Problems(policy));
        Assert.True(policy.Sequences is not null || policy.Cache is not null);
    }

    [Theory]
    [InlineData("""{"maxAgeSeconds":0}""", "cache.maxAgeSeconds")]
    [InlineData("""{"maxEntryBytes":67108865}""", "cache.maxEntryBytes")]
    public void What_is_wrong_with_a_cache_is_said_with_its_key(string json, string expected) =>
        Assert.Contains(
            expected,
            Assert.Single(
                ServingPolicyChecks.Problems(
                    new ServingPolicy
                    {
                        Cache = JsonSerializer.Deserialize<CachePolicy>(
                            json,
                            ContractsJson.Options
                        ),
                    }
                )
            ),
            StringComparison.Ordinal
        );

    private static float[] Floats(string state) =>
        System
            .Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
                InitialState.Of(Policy(state), Signature)[0].Data.Span
            )
            .ToArray();

    private static SequencePolicy Policy(string state) =>
        JsonSerializer.Deserialize<SequencePolicy>(
            $$"""{"states":[{{state}}]}""",
            ContractsJson.Options
        )!;

    private static TensorSignature Tensor(string name, string datatype, params long[] shape) =>
        new()
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
        };
}
