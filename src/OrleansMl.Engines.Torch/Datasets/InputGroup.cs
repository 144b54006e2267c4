using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>
/// Inputs that share one tensor of a batch: one image, one category, one dense input with an encoder of its own, or a
/// run of dense inputs without encoders, which the combiner takes side by side anyway.
/// </summary>
/// <param name="Inputs">One or more, in the plan's order.</param>
internal sealed record InputGroup(IReadOnlyList<InputPlan> Inputs)
{
    /// <summary>Floats of a row, when the group is dense.</summary>
    public int DenseWidth => Inputs.Sum(input => DenseWidthOf(input.Transform));

    /// <summary>A plan's inputs in groups; in order, none left out.</summary>
    public static IReadOnlyList<InputGroup> Of(ModelPlan plan)
    {
        var groups = new List<InputGroup>();
        var run = new List<InputPlan>();
        foreach (var input in plan.Inputs)
        {
            if (DenseWidthOf(input.Transform) > 0 && input.Encoder.Count == 0)
            {
                run.Add(input);
                continue;
            }
            EndRun();
            groups.Add(new InputGroup([input]));
        }
        EndRun();
        return groups;

        void EndRun()
        {
            if (run.Count > 0)
                groups.Add(new InputGroup([.. run]));
            run.Clear();
        }
    }

    /// <summary>Floats that a transform gives; 0 when it gives an image or an index.</summary>
    public static int DenseWidthOf(InputTransform transform) =>
        transform switch
        {
            NumberTransform or BinaryTransform => 1,
            VectorTransform vector => vector.Length,
            _ => 0,
        };
}
