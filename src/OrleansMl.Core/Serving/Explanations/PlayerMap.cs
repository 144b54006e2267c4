using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>The players of one input's row: which elements go together, and the form that their contributions have.</summary>
/// <param name="Shape">The form, the rows left out.</param>
/// <param name="Players">The player of each element of a row.</param>
internal sealed record PlayerMap(IReadOnlyList<long> Shape, int[] Players)
{
    private const int PatchesPerSide = 7;

    public int Count => (int)Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>The players of an input; the patch is what the request asks for.</summary>
    /// <exception cref="InvalidInputException">The input has no rows.</exception>
    public static PlayerMap Of(InferenceTensor input, int? patch)
    {
        if (input.Shape.Count == 0)
            throw new InvalidInputException(
                $"explain: the input '{input.Name}' has no batch dimension, so that its rows can't be told apart."
            );
        var sizes = input.Shape.Skip(1).Select(size => (int)size).ToArray();
        var elements = sizes.Aggregate(1, (a, b) => a * b);
        // No patch is larger than what it is cut from.
        patch = patch is { } asked ? Math.Min(asked, Math.Max(1, elements)) : null;
        // Texts have no bytes of a fixed length to exchange one by one.
        if (input.Datatype == TensorDatatypes.Bytes)
            return new([1], new int[elements]);
        return sizes switch
        {
            [var h, var w, 1 or 3 or 4] => Image(h, w, 1, sizes[2], patch),
            [1 or 3 or 4, var h, var w] => Image(h, w, h * w, sizes[0], patch),
            _ => Vector(elements, patch ?? 1),
        };
    }

    private static PlayerMap Vector(int elements, int patch)
    {
        var players = new int[elements];
        for (var i = 0; i < elements; i++)
            players[i] = i / patch;
        return new([(elements + patch - 1) / patch], players);
    }

    // A plane of 1 says that a pixel's channels lie together, else how far apart they are.
    private static PlayerMap Image(int height, int width, int plane, int channels, int? asked)
    {
        var patch =
            asked ?? Math.Max(1, (Math.Max(height, width) + PatchesPerSide - 1) / PatchesPerSide);
        var across = (width + patch - 1) / patch;
        var players = new int[height * width * channels];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        for (var c = 0; c < channels; c++)
        {
            var pixel = (y * width) + x;
            var at = plane == 1 ? (pixel * channels) + c : (c * plane) + pixel;
            players[at] = (y / patch * across) + (x / patch);
        }
        return new([(height + patch - 1) / patch, across], players);
    }
}
