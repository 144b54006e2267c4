using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>The dimensions of one row of a tensor; the tensor's first dimension counts rows.</summary>
internal static class RowShape
{
    /// <summary>Works them out.</summary>
    /// <param name="tensor">The model's input.</param>
    /// <param name="given">What an attribute says; null: nothing.</param>
    /// <param name="own">The value's own dimensions; null: it is flat.</param>
    /// <param name="count">The value's elements.</param>
    /// <param name="place">Where the value stands, for a message.</param>
    /// <exception cref="InvalidInputException">The value can't be a row.</exception>
    public static long[] Of(
        TensorSignature tensor,
        long[]? given,
        long[]? own,
        long count,
        string place
    )
    {
        long[] wanted = [.. tensor.Shape.Skip(1)];
        var row = own ?? given ?? Infer(wanted, count);
        if (
            row is null
            || TensorData.Elements(row) != count
            || row.Length != wanted.Length
            || row.Zip(wanted).Any(d => d.Second >= 0 && d.First != d.Second)
        )
            throw new InvalidInputException(
                $"{place} has {count} elements{((own ?? given) is { } shape ? $" of shape [{string.Join(',', shape)}]" : "")}, expected a row of {tensor.Name} {tensor.Datatype}[{string.Join(',', tensor.Shape)}], whose first dimension counts the rows{(row is null ? ": it leaves more than one dimension open, so give [Tensor(Shape = …)] or an array of several dimensions" : "")}."
            );
        return row;
    }

    // One open dimension follows from the count; an open one of a single element is 1.
    private static long[]? Infer(long[] wanted, long count)
    {
        var known = TensorData.Elements(wanted.Where(d => d >= 0));
        var open = wanted.Count(d => d < 0);
        if (open > 1 && count != 1)
            return null;
        var rest = known == 0 ? 0 : count / known;
        return [.. wanted.Select(d => d >= 0 ? d : rest)];
    }
}
