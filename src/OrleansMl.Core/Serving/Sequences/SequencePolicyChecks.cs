using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Sequences;

/// <summary>Says what is wrong with the section <c>sequences</c>.</summary>
public static class SequencePolicyChecks
{
    private const int Week = 604_800;
    private const int MostSequences = 1_000_000;
    private const int MostBytes = 1 << 20;
    private const int MostAnswers = 64;
    private const int MostWaiting = 10_000;
    private const int MostStates = 64;
    private const int MostDimensions = 16;

    /// <summary>What is wrong with it by itself, each with the key, what was expected and what came.</summary>
    public static IEnumerable<string> Problems(SequencePolicy? section)
    {
        if (section is null)
            return [];
        List<string> problems =
        [
            .. Between("idleSeconds", section.IdleSeconds, Week),
            .. Between("maxSequences", section.MaxSequences, MostSequences),
            .. Between("maxStateBytes", section.MaxStateBytes, MostBytes),
            .. Between("keptAnswers", section.KeptAnswers, MostAnswers),
            .. Between("maxAnswerBytes", section.MaxAnswerBytes, MostBytes),
            .. Between("maxWaiting", section.MaxWaiting, MostWaiting),
        ];
        var states = section.States ?? [];
        if (states.Count is 0 or > MostStates)
            problems.Add($"sequences.states: expected 1 to {MostStates}, got {states.Count}.");
        for (var i = 0; i < states.Count && i < MostStates; i++)
            problems.AddRange(Problems($"sequences.states[{i}]", states[i], section.MaxStateBytes));
        if (states.Select(state => state?.Input).Distinct().Count() != states.Count)
            problems.Add("sequences.states: an input is named twice.");
        return problems;
    }

    /// <summary>What of it does not fit a version.</summary>
    public static IEnumerable<string> Problems(SequencePolicy section, ModelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(signature);
        var bytes = 0L;
        foreach (var state in section.States)
        {
            var input = signature.Inputs.FirstOrDefault(tensor => tensor.Name == state.Input);
            var output = signature.Outputs.FirstOrDefault(tensor => tensor.Name == state.Output);
            if (input is null)
                yield return $"sequences.states: there is no input '{state.Input}'; expected {Names(signature.Inputs)}.";
            if (output is null)
                yield return $"sequences.states: there is no output '{state.Output}'; expected {Names(signature.Outputs)}.";
            if (input is null || output is null)
                continue;
            if (input.Datatype != output.Datatype)
                yield return $"sequences.states: input '{input.Name}' takes {input.Datatype}, output '{output.Name}' gives {output.Datatype}.";
            if (!Meets(input.Shape, output.Shape))
                yield return $"sequences.states: input '{input.Name}' takes shape {Write(input.Shape)}, output '{output.Name}' gives {Write(output.Shape)}.";
            if (state.Shape is { } shape && !Meets(input.Shape, shape))
                yield return $"sequences.states: input '{input.Name}' takes shape {Write(input.Shape)}, its shape at the beginning is {Write(shape)}.";
            if (state.Initial is not null && input.Datatype == TensorDatatypes.Bytes)
                yield return $"sequences.states: input '{input.Name}' takes BYTES, which begin as empty texts; leave 'initial' out.";
            bytes += InitialState.BytesOf(state, input);
        }
        if (bytes > section.MaxStateBytes)
            yield return $"sequences.maxStateBytes: the state at the beginning has {bytes} bytes, expected at most {section.MaxStateBytes}.";
    }

    private static IEnumerable<string> Problems(string key, SequenceStateSpec? state, int most)
    {
        if (state is null)
        {
            yield return $"{key}: expected an object, got null.";
            yield break;
        }
        if (string.IsNullOrEmpty(state.Input))
            yield return $"{key}.input: expected the name of an input, got none.";
        if (string.IsNullOrEmpty(state.Output))
            yield return $"{key}.output: expected the name of an output, got none.";
        if (state.Shape is { } shape)
        {
            if (shape.Count > MostDimensions)
                yield return $"{key}.shape: expected at most {MostDimensions} dimensions, got {shape.Count}.";
            var elements = 1L;
            foreach (var dimension in shape)
                elements =
                    dimension < 1 || elements > most / dimension
                        ? long.MaxValue
                        : elements * dimension;
            if (elements > most)
                yield return $"{key}.shape: expected dimensions from 1 and at most maxStateBytes ({most}) elements, got {Write(shape)}.";
        }
        if (state.Initial is { } values)
        {
            if (values.Count == 0 || values.Count > most)
                yield return $"{key}.initial: expected 1 to {most} values, got {values.Count}.";
            if (values.Any(value => !double.IsFinite(value)))
                yield return $"{key}.initial: expected finite numbers.";
        }
    }

    private static bool Meets(IReadOnlyList<long> one, IReadOnlyList<long> other) =>
        one.Count == other.Count
        && one.Zip(other)
            .All(pair => pair.First < 0 || pair.Second < 0 || pair.First == pair.Second);

    private static string Names(IReadOnlyList<TensorSignature> tensors) =>
        string.Join(", ", tensors.Take(20).Select(tensor => $"'{tensor.Name}'"));

    private static string Write(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    private static IEnumerable<string> Between(string key, long value, long most)
    {
        if (value < 1 || value > most)
            yield return $"sequences.{key}: expected 1 to {most}, got {value}.";
    }
}
