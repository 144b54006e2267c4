using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>Compares what the engine that will serve gives with what the trained model gave, before a version is registered.</summary>
public static class GoldenCheck
{
    /// <summary>Largest difference of a float, relative above 1 and absolute below.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Runs the sample's inputs and compares every output it holds.</summary>
    /// <returns>The largest difference found.</returns>
    /// <exception cref="InvalidInputException">An output differs: the exported model isn't the trained one and must not be registered. The message names output, row and both values.</exception>
    public static double Verify(IInferenceSession session, GoldenSample sample)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(sample);
        var names = sample.Outputs.Select(o => o.Name).ToList();
        return Verify(session.Run(sample.Inputs, names), sample);
    }

    /// <summary>Compares outputs with the sample's.</summary>
    /// <returns>The largest difference found.</returns>
    /// <exception cref="InvalidInputException">An output differs.</exception>
    public static double Verify(IReadOnlyList<InferenceTensor> outputs, GoldenSample sample)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(sample);
        var served = outputs.ToDictionary(o => o.Name);
        return sample.Outputs.Max(expected =>
            served.TryGetValue(expected.Name, out var actual)
                ? Compare(expected, actual)
                : throw Differs(expected, "is missing in the exported model")
        );
    }

    private static double Compare(InferenceTensor expected, InferenceTensor actual)
    {
        if (actual.Datatype != expected.Datatype || !actual.Shape.SequenceEqual(expected.Shape))
            throw Differs(
                expected,
                $"is {actual.Datatype} [{string.Join(", ", actual.Shape)}] in the exported model, {expected.Datatype} [{string.Join(", ", expected.Shape)}] in the trained one"
            );
        if (expected.Datatype == "FP32")
            return CompareSingles(expected, actual);
        if (!actual.Data.Span.SequenceEqual(expected.Data.Span))
        {
            var at = actual.Data.Span.CommonPrefixLength(expected.Data.Span);
            throw Differs(expected, $"differs from byte {at} on");
        }
        return 0;
    }

    private static double CompareSingles(InferenceTensor expected, InferenceTensor actual)
    {
        var trained = MemoryMarshal.Cast<byte, float>(expected.Data.Span);
        var served = MemoryMarshal.Cast<byte, float>(actual.Data.Span);
        if (trained.Length != served.Length)
            throw Differs(expected, $"has {served.Length} elements, expected {trained.Length}");
        var largest = 0.0;
        for (var i = 0; i < trained.Length; i++)
        {
            var difference =
                Math.Abs((double)trained[i] - served[i])
                / Math.Max(1, Math.Abs((double)trained[i]));
            // Not-a-number compares as no difference at all, so the sense of the comparison matters.
            if (!(difference <= Tolerance))
                throw Differs(
                    expected,
                    $"is {served[i]} at element {i} in the exported model and {trained[i]} in the trained one; a difference of {Tolerance} is allowed"
                );
            largest = Math.Max(largest, difference);
        }
        return largest;
    }

    private static InvalidInputException Differs(InferenceTensor expected, string what) =>
        new(
            $"The exported model differs from the trained one: output '{expected.Name}' {what}. It was not registered; please report it with the run's configuration."
        );
}
