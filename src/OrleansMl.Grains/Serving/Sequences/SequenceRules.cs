using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Sequences;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>The rules of sequences: which call begins, goes on, is a repeat or is refused, and what it leaves.</summary>
internal static class SequenceRules
{
    /// <summary>Decides on a call.</summary>
    /// <exception cref="InvalidInputException">The sequence isn't running.</exception>
    /// <exception cref="ConflictException">Another call has its id or step.</exception>
    public static SequenceDecision Decide(
        ModelSequenceState state,
        SequencePolicy policy,
        InferenceRequest request,
        DateTimeOffset now
    )
    {
        var asked = request.Parameters;
        var isKept = state.Version is not null && now < state.ExpiresAt();
        var applied = isKept ? Find(state, request) : null;
        var isRepeat = applied is not null && IsSame(applied, request);
        if (asked.SequenceStart)
            return asked.SequenceStep > 1
                ? throw new InvalidInputException(
                    $"{Name(state, request)}: sequence_start begins with sequence_step 1, got {asked.SequenceStep}."
                )
                : OfStart(state, request, isRepeat ? applied : null, now);
        if (isRepeat)
            return new(SequenceMove.Repeat, applied);
        if (applied is not null)
            throw new ConflictException(
                $"{Name(state, request)}: its step {applied.Step} had the same id or step and another content; every call needs an id of its own, and a repeat has the same content."
            );
        if (state.Runs(now))
            return asked.SequenceStep == 0 || asked.SequenceStep == state.Steps + 1
                ? new(SequenceMove.Continue)
                : throw new ConflictException(
                    asked.SequenceStep <= state.Steps
                        ? $"{Name(state, request)}: step {asked.SequenceStep} was applied, and its answer is not kept any more; the next is {state.Steps + 1}."
                        : $"{Name(state, request)}: expected sequence_step {state.Steps + 1}, got {asked.SequenceStep}."
                );
        if (policy.ImplicitStart && asked.SequenceStep <= 1)
            return new(SequenceMove.Begin);
        throw new InvalidInputException(
            $"{Name(state, request)} is not running: {Why(state, policy, isKept)} Begin it with sequence_start."
        );
    }

    /// <summary>What the model is asked: the caller's inputs and the state, the caller's outputs and the state's.</summary>
    /// <exception cref="InvalidInputException">The caller sent the state himself, or asked for it where it isn't shown.</exception>
    public static InferenceRequest Inner(
        ModelSequenceState run,
        SequencePolicy policy,
        InferenceRequest request,
        long timeoutMicroseconds
    )
    {
        foreach (var state in run.Tensors)
        {
            if (request.Inputs.Any(input => input?.Name == state.Tensor.Name))
                throw new InvalidInputException(
                    $"input '{state.Tensor.Name}' is the sequence's state, which is kept here: leave it out."
                );
            if (!policy.ReturnState && request.Outputs.Contains(state.Output))
                throw new InvalidInputException(
                    $"output '{state.Output}' is the sequence's state, which is not shown: leave it out, or set sequences.returnState."
                );
        }
        return request with
        {
            Inputs = [.. request.Inputs, .. run.Tensors.Select(state => state.Tensor)],
            Outputs =
                request.Outputs.Count == 0
                    ? []
                    : [.. request.Outputs.Union(run.Tensors.Select(state => state.Output))],
            Parameters = new InferenceParameters
            {
                Priority = request.Parameters.Priority,
                TimeoutMicroseconds = timeoutMicroseconds,
            },
        };
    }

    /// <summary>The outputs that the caller gets.</summary>
    public static IReadOnlyList<InferenceTensor> Shown(
        ModelSequenceState run,
        SequencePolicy policy,
        InferenceRequest request,
        InferenceResponse response
    ) =>
        [
            .. response.Outputs.Where(output =>
                run.Tensors.All(state => state.Output != output.Name)
                || (
                    policy.ReturnState
                    && (request.Outputs.Count == 0 || request.Outputs.Contains(output.Name))
                )
            ),
        ];

    /// <summary>What an answered call leaves.</summary>
    /// <exception cref="InvalidInputException">The state or the answer is larger than may be kept, or the state can't be the next call's input.</exception>
    public static ModelSequenceState Next(
        ModelSequenceState run,
        SequencePolicy policy,
        ModelSignature signature,
        InferenceRequest request,
        InferenceResponse answer,
        InferenceResponse shown,
        DateTimeOffset now
    )
    {
        var hasEnded = request.Parameters.SequenceEnd;
        return run with
        {
            Steps = run.Steps + 1,
            HasEnded = hasEnded,
            Tensors = hasEnded ? [] : Tensors(run, policy, signature, answer),
            Answers = Answers(run, policy, request, shown),
            UsedAt = now,
            IdleSeconds = policy.IdleSeconds,
        };
    }

    /// <summary>Whether a call can be told from others, so that its repeat is one.</summary>
    public static bool IsRepeatable(InferenceRequest request) =>
        !string.IsNullOrEmpty(request.Id) || request.Parameters.SequenceStep > 0;

    // A late repeat of the first call must not begin the sequence anew; a caller that counts his ids from 1 for each sequence, who
    // ended the one before, must.
    private static SequenceDecision OfStart(
        ModelSequenceState state,
        InferenceRequest request,
        AppliedStep? repeated,
        DateTimeOffset now
    ) =>
        repeated is { Step: 1 }
        && (state.Steps == 1 || (state.Runs(now) && !string.IsNullOrEmpty(request.Id)))
            ? new(SequenceMove.Repeat, repeated)
            : new(SequenceMove.Begin);

    private static AppliedStep? Find(ModelSequenceState state, InferenceRequest request)
    {
        var id = IdOf(request);
        var step = request.Parameters.SequenceStep;
        return state.Answers.FirstOrDefault(applied =>
            (id is not null && applied.RequestId == id) || (step > 0 && applied.Step == step)
        );
    }

    private static bool IsSame(AppliedStep applied, InferenceRequest request) =>
        applied.Digest == DigestOf(request)
        && (request.Parameters.SequenceStep == 0 || request.Parameters.SequenceStep == applied.Step)
        && (IdOf(request) is not { } id || applied.RequestId is null || applied.RequestId == id);

    private static string? IdOf(InferenceRequest request) =>
        string.IsNullOrEmpty(request.Id) ? null : SequenceKey.Part(request.Id);

    private static string DigestOf(InferenceRequest request) =>
        request.Parameters.SequenceEnd
            ? $"{RequestDigest.Of(request)}/end"
            : RequestDigest.Of(request).ToString();

    private static SequenceTensor[] Tensors(
        ModelSequenceState run,
        SequencePolicy policy,
        ModelSignature signature,
        InferenceResponse response
    )
    {
        var next = new SequenceTensor[run.Tensors.Count];
        var bytes = 0L;
        for (var i = 0; i < next.Length; i++)
        {
            var state = run.Tensors[i];
            var output = response.Outputs.First(tensor => tensor.Name == state.Output);
            bytes += output.Data.Length;
            if (bytes > policy.MaxStateBytes)
                throw new InvalidInputException(
                    $"The call was not applied: the state that it leaves has more than {policy.MaxStateBytes} bytes (sequences.maxStateBytes), {bytes} up to output '{output.Name}'."
                );
            next[i] = state with
            {
                Tensor = output with
                {
                    Name = state.Tensor.Name,
                    // The answer's memory goes back to its pool.
                    Data = output.Data.ToArray(),
                },
            };
        }
        RequireInputs(run, signature, next);
        return next;
    }

    // What the next call could not take would end the sequence there, with an error about an input that its caller did not send.
    private static void RequireInputs(
        ModelSequenceState run,
        ModelSignature signature,
        SequenceTensor[] next
    )
    {
        try
        {
            TensorValidation.Check(
                run.Version!.Value,
                new ModelSignature
                {
                    Inputs =
                    [
                        .. next.Select(state =>
                            signature.Inputs.First(input => input.Name == state.Tensor.Name)
                        ),
                    ],
                    Outputs = [],
                },
                new InferenceRequest { Inputs = [.. next.Select(state => state.Tensor)] }
            );
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException(
                $"The call was not applied: the state that it leaves can't be an input. {error.Message}",
                error
            );
        }
    }

    private static List<AppliedStep> Answers(
        ModelSequenceState run,
        SequencePolicy policy,
        InferenceRequest request,
        InferenceResponse response
    )
    {
        List<AppliedStep> answers = [.. run.Answers];
        if (IsRepeatable(request))
        {
            var bytes = Bytes(response.Outputs);
            if (bytes > policy.MaxAnswerBytes)
                throw new InvalidInputException(
                    $"The call was not applied: its answer has {bytes} bytes, of which {policy.MaxAnswerBytes} can be kept for a repeat (sequences.maxAnswerBytes); ask for fewer outputs, or without an id and sequence_step."
                );
            answers.Add(
                new AppliedStep
                {
                    Step = run.Steps + 1,
                    RequestId = IdOf(request),
                    Digest = DigestOf(request),
                    Outputs =
                    [
                        .. response.Outputs.Select(output =>
                            output with
                            {
                                Data = output.Data.ToArray(),
                            }
                        ),
                    ],
                }
            );
        }
        while (
            answers.Count > policy.KeptAnswers
            || answers.Sum(answer => Bytes(answer.Outputs)) > policy.MaxAnswerBytes
        )
            answers.RemoveAt(0);
        return answers;
    }

    private static long Bytes(IReadOnlyList<InferenceTensor> tensors) =>
        tensors.Sum(tensor => (long)tensor.Data.Length);

    private static string Name(ModelSequenceState state, InferenceRequest request) =>
        state.Version is { } version
            ? $"Sequence '{request.Parameters.SequenceId}' of model '{version.Name}'"
            : $"Sequence '{request.Parameters.SequenceId}'";

    private static string Why(ModelSequenceState state, SequencePolicy policy, bool isKept) =>
        state.Version is null
            ? $"it was not begun, has ended, or had no call for {policy.IdleSeconds} s (sequences.idleSeconds)."
        : isKept ? "it has ended."
        : $"it expired after {state.IdleSeconds} s without a call.";
}
