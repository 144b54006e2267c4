using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Pipelines.Conditions;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>
/// One request's way through a pipeline. Tensors are handed from step to step as they are; rows are copied only where some go
/// on and others don't. What needs nothing of each other runs at once; what a model answers inline costs no hand-over.
/// </summary>
internal sealed class PipelineRun(
    PipelinePlan plan,
    ModelInvoker invoker,
    TimeProvider time,
    InferenceRequest request,
    int rows
)
{
    private readonly InferenceTensor?[] _values = new InferenceTensor?[plan.Slots];
    private readonly int[]?[] _decided = new int[plan.Decisions * 2][];
    private readonly int[]?[] _rowSets = new int[plan.RowSets][];
    private readonly long _started = time.GetTimestamp();

    public async ValueTask<IReadOnlyList<InferenceTensor>> RunAsync(
        IReadOnlyList<InferenceTensor> inputs,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < inputs.Count; i++)
            _values[i] = inputs[i];
        var pending = new Task?[plan.Nodes.Count];
        var waiting = false;
        for (var i = 0; i < pending.Length; i++)
        {
            var node = plan.Nodes[i];
            var ready = true;
            foreach (var before in node.After)
                ready &= pending[before] is null or { IsCompletedSuccessfully: true };
            var run = ready
                ? RunAsync(node, cancellationToken)
                : new ValueTask(RunAfterAsync(node, pending, cancellationToken));
            if (run.IsCompletedSuccessfully)
                continue;
            pending[i] = run.AsTask();
            waiting = true;
        }
        // All are awaited, also after a failure: what still runs may still read the caller's tensors.
        if (waiting)
            await Task.WhenAll(pending.OfType<Task>());
        return Answer();
    }

    private async Task RunAfterAsync(
        PlannedNode node,
        Task?[] pending,
        CancellationToken cancellationToken
    )
    {
        foreach (var before in node.After)
        {
            if (pending[before] is { } task)
                await task;
        }
        await RunAsync(node, cancellationToken);
    }

    private ValueTask RunAsync(PlannedNode node, CancellationToken cancellationToken)
    {
        var taken = Rows(node.Rows);
        var count = taken?.Length ?? rows;
        try
        {
            if (node.Condition is not null)
                Decide(node, taken, count);
            else if (node.Stages.Count > 0)
                _values[node.OutputSlots[0]] = Stages(node, taken, count);
            else if (node.Merges)
                _values[node.OutputSlots[0]] = count == 0 ? null : Merge(node, taken);
            else if (count == 0)
                return ValueTask.CompletedTask;
            else if (node.Operation is { } operation)
                Keep(node, operation.Run(Inputs(node), count));
            else
                return CallAsync(node, count, cancellationToken);
            return ValueTask.CompletedTask;
        }
        catch (Exception error)
        {
            // Kept as the node's result: others may still run, and are awaited before anything is thrown.
            return ValueTask.FromException(
                error is InvalidInputException
                    ? new InvalidInputException($"step '{node.Step}': {error.Message}", error)
                    : error
            );
        }
    }

    private async ValueTask CallAsync(
        PlannedNode node,
        int count,
        CancellationToken cancellationToken
    )
    {
        var model = node.Model!.Value;
        var inputs = Inputs(node);
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = As(inputs[i], node.ModelInputs[i], count);
        try
        {
            var response = await invoker.InvokeAsync(
                new InferenceCall(model.Model, model.Reference),
                new InferenceRequest
                {
                    Id = request.Id,
                    Inputs = inputs,
                    Outputs = node.ModelOutputs,
                    Parameters = Parameters(node.Step),
                },
                cancellationToken
            );
            for (var i = 0; i < node.ModelOutputs.Count; i++)
                _values[node.OutputSlots[i]] = Output(response, node.ModelOutputs[i], count);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"step '{node.Step}': {error.Message}", error);
        }
        catch (NotFoundException error)
        {
            // The caller's pipeline is there; that a model of it is gone is not the caller's doing.
            throw new UnavailableException($"step '{node.Step}': {error.Message}", error);
        }
    }

    private InferenceParameters Parameters(string step)
    {
        var asked = request.Parameters;
        if (asked.TimeoutMicroseconds <= 0)
            return asked.SequenceId is null
                ? asked
                : asked with
                {
                    SequenceId = null,
                    SequenceStart = false,
                    SequenceEnd = false,
                };
        var left =
            asked.TimeoutMicroseconds - (long)time.GetElapsedTime(_started).TotalMicroseconds;
        return left > 0
            ? new InferenceParameters { Priority = asked.Priority, TimeoutMicroseconds = left }
            : throw new UnavailableException(
                $"step '{step}' was not begun: the request's timeout of {asked.TimeoutMicroseconds} µs is over."
            );
    }

    private static InferenceTensor Output(InferenceResponse response, string name, int count)
    {
        foreach (var output in response.Outputs)
        {
            if (output.Name != name)
                continue;
            return output.Shape.Count > 0 && output.Shape[0] == count
                ? output
                : throw new InvalidInputException(
                    $"{response.Model}@{response.Version} gave '{name}' of [{string.Join(", ", output.Shape)}] for {count} rows."
                );
        }
        throw new InvalidInputException(
            $"{response.Model}@{response.Version} has no output '{name}', which it had when the pipeline was saved; save the pipeline anew, or move the alias back."
        );
    }

    /// <summary>A value under the name that the model knows, in the model's own shape where it has as many elements.</summary>
    private static InferenceTensor As(InferenceTensor tensor, TensorSignature input, int count)
    {
        var fits = tensor.Shape.Count == input.Shape.Count;
        for (var i = 1; fits && i < input.Shape.Count; i++)
            fits = input.Shape[i] < 0 || input.Shape[i] == tensor.Shape[i];
        if (fits)
            return tensor.Name == input.Name ? tensor : tensor with { Name = input.Name };
        return tensor with
        {
            Name = input.Name,
            Shape = input.Shape.Skip(1).Any(d => d < 0)
                ? tensor.Shape
                : [count, .. input.Shape.Skip(1)],
        };
    }

    private void Decide(PlannedNode node, int[]? taken, int count)
    {
        var holds =
            count == 0
                ? []
                : node.Condition!.Judge(
                    new ConditionRows(count, slot => Value(Planned(node, slot), node.Rows))
                );
        var yes = holds.Count(hold => hold);
        var (on, off) = (new int[yes], new int[count - yes]);
        for (int i = 0, a = 0, b = 0; i < count; i++)
        {
            if (holds[i])
                on[a++] = taken?[i] ?? i;
            else
                off[b++] = taken?[i] ?? i;
        }
        _decided[node.Decision * 2] = on;
        _decided[(node.Decision * 2) + 1] = off;
        PipelineTelemetry.Decided(node.Step, yes, count - yes);
    }

    private static PlannedValue Planned(PlannedNode node, int slot)
    {
        foreach (var input in node.Inputs)
        {
            if (input.Slot == slot)
                return input;
        }
        throw new InvalidOperationException($"Step '{node.Step}' does not take value {slot}.");
    }

    private InferenceTensor[] Inputs(PlannedNode node)
    {
        var inputs = new InferenceTensor[node.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = Value(node.Inputs[i], node.Rows);
        return inputs;
    }

    /// <summary>A value of just these rows, all of which have it.</summary>
    private InferenceTensor Value(PlannedValue value, RowSet set)
    {
        var tensor = _values[value.Slot]!;
        if (value.Rows == set)
            return tensor;
        var wanted = Rows(set);
        if (wanted is null || wanted.Length == tensor.Shape[0])
            return tensor;
        if (Rows(value.Rows) is not { } has)
            return TensorRows.Take(tensor, wanted);
        var positions = new int[wanted.Length];
        for (int i = 0, at = 0; i < wanted.Length; i++, at++)
        {
            while (has[at] != wanted[i])
                at++;
            positions[i] = at;
        }
        return TensorRows.Take(tensor, positions);
    }

    private InferenceTensor Merge(PlannedNode node, int[]? taken)
    {
        var count = taken?.Length ?? rows;
        List<InferenceTensor> sources = [];
        var source = new int[count];
        var position = new int[count];
        Array.Fill(source, -1);
        var open = count;
        foreach (var input in node.Inputs)
        {
            if (open == 0)
                break;
            var has = Rows(input.Rows);
            if (has is { Length: 0 } || _values[input.Slot] is not { } tensor)
                continue;
            // The first alternative has every row: it is the answer as it is.
            if (open == count && (has?.Length ?? rows) == count)
                return tensor;
            var number = sources.Count;
            var before = open;
            for (int i = 0, at = 0; i < count; i++)
            {
                var row = taken?[i] ?? i;
                if (has is not null)
                {
                    while (at < has.Length && has[at] < row)
                        at++;
                    if (at == has.Length)
                        break;
                    if (has[at] != row)
                        continue;
                }
                if (source[i] >= 0)
                    continue;
                source[i] = number;
                position[i] = has is null ? row : at;
                open--;
            }
            if (open < before)
                sources.Add(tensor);
        }
        return TensorRows.Merge(sources, source, position);
    }

    private InferenceTensor Stages(PlannedNode node, int[]? taken, int count)
    {
        var stages = new long[count];
        Array.Fill(stages, 1);
        for (var stage = 1; stage < node.Stages.Count; stage++)
        {
            foreach (var row in Rows(node.Stages[stage]) ?? [])
                stages[taken is null ? row : Array.BinarySearch(taken, row)] = stage + 1;
        }
        return new InferenceTensor
        {
            Name = "stage",
            Datatype = "INT64",
            Shape = [count],
            Data = MemoryMarshal.AsBytes(stages.AsSpan()).ToArray(),
        };
    }

    private void Keep(PlannedNode node, IReadOnlyList<InferenceTensor> outputs)
    {
        for (var i = 0; i < outputs.Count; i++)
            _values[node.OutputSlots[i]] = outputs[i];
    }

    /// <summary>The rows of a set in ascending order; null: all. Its decisions were made before.</summary>
    private int[]? Rows(RowSet set)
    {
        if (set.IsAll)
            return null;
        if (_rowSets[set.Index] is { } known)
            return known;
        var met = _decided[set.Decisions[0]]!;
        for (var i = 1; i < set.Decisions.Count; i++)
        {
            var other = _decided[set.Decisions[i]]!;
            met = Intersect(met, other);
        }
        return _rowSets[set.Index] = met;
    }

    private static int[] Intersect(int[] a, int[] b)
    {
        List<int> both = new(Math.Min(a.Length, b.Length));
        for (int i = 0, j = 0; i < a.Length && j < b.Length; )
        {
            if (a[i] == b[j])
                both.Add(a[i]);
            if (a[i] <= b[j])
                i++;
            else
                j++;
        }
        return [.. both];
    }

    private InferenceTensor[] Answer()
    {
        var signature = plan.Signature.Outputs;
        var asked = request.Outputs ?? [];
        var answer = new InferenceTensor[asked.Count > 0 ? asked.Count : signature.Count];
        for (var i = 0; i < answer.Length; i++)
        {
            var index = i;
            for (var j = 0; asked.Count > 0 && j < signature.Count; j++)
            {
                if (signature[j].Name == asked[i])
                    index = j;
            }
            var tensor = _values[plan.Outputs[index].Slot]!;
            answer[i] =
                tensor.Name == signature[index].Name
                    ? tensor
                    : tensor with
                    {
                        Name = signature[index].Name,
                    };
        }
        return answer;
    }
}
