using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Grains.Serving.Sequences;

namespace OrleansMl.Grains.Tests.Serving.Sequences;

public sealed class SequenceRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ModelSequenceState Run = new()
    {
        Version = new ModelVersionId("sums", 1),
        Tensors =
        [
            new SequenceTensor { Output = "total_out", Tensor = Accumulator.Tensor("total", 0) },
        ],
        UsedAt = Now,
        IdleSeconds = 60,
    };

    [Fact]
    public void State_larger_than_may_be_kept_is_refused_with_the_figures()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            Next(Accumulator.Policy with { MaxStateBytes = 3 }, Answer(1))
        );

        Assert.Contains("more than 3 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("4 up to output 'total_out'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void State_that_the_next_call_could_not_take_is_refused()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            Next(Accumulator.Policy, Answer(float.NaN))
        );

        Assert.Contains("was not applied", error.Message, StringComparison.Ordinal);
        Assert.Contains("got NaN at element 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_cannot_be_kept_for_a_repeat_is_refused_only_where_there_may_be_one()
    {
        var policy = Accumulator.Policy with { MaxAnswerBytes = 3 };

        Assert.Empty(Next(policy, Answer(1)).Answers);
        var error = Assert.Throws<InvalidInputException>(() => Next(policy, Answer(1), id: "a"));
        Assert.Contains("4 bytes, of which 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_oldest_answers_go_when_there_are_too_many_or_too_large_ones()
    {
        var byCount = Accumulator.Policy with { KeptAnswers = 3 };
        var byBytes = Accumulator.Policy with { MaxAnswerBytes = 9 };
        foreach (var (policy, kept) in new[] { (byCount, 3), (byBytes, 2) })
        {
            var run = Run;
            for (var i = 1; i <= 5; i++)
                run = Next(policy, Answer(i), id: $"{i}", run: run);

            Assert.Equal(
                Enumerable.Range(6 - kept, kept).Select(i => (long)i),
                run.Answers.Select(answer => answer.Step)
            );
            Assert.Equal(5, run.Steps);
        }
    }

    [Fact]
    public void What_is_kept_is_a_copy()
    {
        var data = BitConverter.GetBytes(7f);
        var answer = Answer(7) with
        {
            Outputs = [.. Answer(7).Outputs.Select(output => output with { Data = data })],
        };

        var next = Next(Accumulator.Policy, answer, id: "a");
        data.AsSpan().Clear();

        Assert.Equal(7, Accumulator.Number(next.Tensors[0].Tensor));
        Assert.Equal(7, Accumulator.Number(next.Answers[0].Outputs[0]));
        Assert.Equal("total", next.Tensors[0].Tensor.Name);
    }

    [Fact]
    public void A_long_request_id_is_kept_as_its_hash()
    {
        var id = new string('x', 10_000);
        var next = Next(Accumulator.Policy, Answer(1), id: id);

        Assert.InRange(next.Answers[0].RequestId!.Length, 1, 100);
        Assert.Equal(
            SequenceMove.Repeat,
            SequenceRules.Decide(next, Accumulator.Policy, Request(id), Now).Move
        );
    }

    [Fact]
    public void An_end_keeps_no_state()
    {
        var next = Next(Accumulator.Policy, Answer(1), id: "a", end: true);

        Assert.True(next.HasEnded);
        Assert.Empty(next.Tensors);
        Assert.False(next.Runs(Now));
    }

    [Fact]
    public void Seats_of_sequences_that_were_not_heard_of_are_free_again()
    {
        var seats = new SequenceSeats();
        var idle = TimeSpan.FromSeconds(60);
        Assert.True(seats.TryEnter("a", 2, idle, Now));
        Assert.True(seats.TryEnter("b", 2, idle, Now));
        Assert.True(seats.TryEnter("a", 2, idle, Now));
        Assert.False(seats.TryEnter("c", 2, idle, Now));

        seats.Renew("a", idle, Now.AddSeconds(30));

        Assert.True(seats.TryEnter("c", 2, idle, Now.AddSeconds(61)));
        Assert.False(seats.TryEnter("d", 2, idle, Now.AddSeconds(62)));
        seats.Leave("a");
        Assert.True(seats.TryEnter("d", 2, idle, Now.AddSeconds(62)));
        Assert.Equal(2, seats.Count);
    }

    private static InferenceRequest Request(string? id, bool end = false) =>
        SequenceWorld.Request("s", 1, end: end, id: id);

    private static InferenceResponse Answer(float value) =>
        new()
        {
            Model = "sums",
            Version = 1,
            Outputs = [Accumulator.Tensor("y", value), Accumulator.Tensor("total_out", value)],
        };

    private static ModelSequenceState Next(
        SequencePolicy policy,
        InferenceResponse answer,
        string? id = null,
        bool end = false,
        ModelSequenceState? run = null
    ) =>
        SequenceRules.Next(
            run ?? Run,
            policy,
            Accumulator.Signature,
            Request(id, end),
            answer,
            answer with
            {
                Outputs = [answer.Outputs[0]],
            },
            Now
        );
}
