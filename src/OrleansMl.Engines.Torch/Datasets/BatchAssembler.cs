using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>
/// Gathers rows of a table into tensors, images converted on the way: one pass over the rows, into the same memory for
/// every batch of a size. A batch is valid until the next one of its size.
/// </summary>
internal sealed class BatchAssembler : IDisposable
{
    private readonly SplitTable _table;
    private readonly ModelPlan _plan;
    private readonly PixelConverter?[] _converters;
    private readonly ImageAugmenter?[] _augmenters;
    private readonly Dictionary<int, Batch> _batches = [];

    /// <summary>Prepares for a table.</summary>
    /// <param name="table">Where rows come from.</param>
    /// <param name="plan">Whose table it is.</param>
    /// <param name="augmentation">How to change images; null: not at all.</param>
    /// <param name="seed">The run's.</param>
    public BatchAssembler(
        SplitTable table,
        ModelPlan plan,
        AugmentationConfig? augmentation = null,
        long seed = 0
    )
    {
        _table = table;
        _plan = plan;
        _converters =
        [
            .. _table.Features.Select(column =>
                column is FeatureColumn.Image image ? new PixelConverter(image.Transform) : null
            ),
        ];
        _augmenters =
        [
            .. _table.Features.Select(column =>
                column is FeatureColumn.Image image && augmentation is not null
                    ? new ImageAugmenter(augmentation, image.Transform, seed)
                    : null
            ),
        ];
    }

    public void Dispose()
    {
        foreach (var batch in _batches.Values)
            batch.Dispose();
        _batches.Clear();
    }

    /// <summary>Gathers rows.</summary>
    /// <param name="rows">Their indices.</param>
    /// <param name="step">What augmentation depends on.</param>
    public Batch Assemble(ReadOnlySpan<int> rows, long step = 0)
    {
        ref var batch = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _batches,
            rows.Length,
            out var exists
        );
        if (!exists)
            batch = Allocate(rows.Length);
        for (var i = 0; i < _table.Features.Count; i++)
            Gather(i, rows, step, batch!.Features[i].bytes);
        for (var i = 0; i < _table.Targets.Count; i++)
            Gather(_table.Targets[i], _plan.Heads[i], rows, batch!.Targets[i].bytes);
        return batch!;
    }

    private void Gather(int feature, ReadOnlySpan<int> rows, long step, Span<byte> destination)
    {
        switch (_table.Features[feature])
        {
            case FeatureColumn.Image image:
                _augmenters[feature]?.Begin(step, feature);
                GatherImages(
                    image,
                    _converters[feature]!,
                    _augmenters[feature],
                    rows,
                    MemoryMarshal.Cast<byte, float>(destination)
                );
                break;
            case FeatureColumn.Category category:
                var indices = MemoryMarshal.Cast<byte, long>(destination);
                for (var i = 0; i < rows.Length; i++)
                    indices[i] = category.Index[rows[i]][0];
                break;
            case FeatureColumn.Dense dense:
                var values = MemoryMarshal.Cast<byte, float>(destination);
                for (var i = 0; i < rows.Length; i++)
                    dense.Values[rows[i]].CopyTo(values[(i * dense.Values.Width)..]);
                break;
        }
    }

    private static void GatherImages(
        FeatureColumn.Image image,
        PixelConverter converter,
        ImageAugmenter? augmenter,
        ReadOnlySpan<int> rows,
        Span<float> destination
    )
    {
        var width = image.Pixels.Width;
        for (var i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<byte> pixels = image.Pixels[rows[i]];
            var brightness = 1f;
            if (augmenter is not null)
                pixels = augmenter.Next(pixels, out brightness);
            converter.Convert(pixels, brightness, destination.Slice(i * width, width));
        }
    }

    private static void Gather(
        TargetColumn target,
        HeadPlan head,
        ReadOnlySpan<int> rows,
        Span<byte> destination
    )
    {
        if (target is TargetColumn.Category category)
        {
            var classes = MemoryMarshal.Cast<byte, long>(destination);
            for (var i = 0; i < rows.Length; i++)
                classes[i] = category.Classes[rows[i]][0];
            return;
        }
        var floats = MemoryMarshal.Cast<byte, float>(destination);
        for (var i = 0; i < rows.Length; i++)
        {
            floats[i] = target switch
            {
                TargetColumn.Binary binary => binary.Flags[rows[i]][0],
                TargetColumn.Number number => (number.Values[rows[i]][0] - head.TargetShift)
                    / head.TargetScale,
                _ => throw new NotSupportedException($"{target.GetType().Name} has no tensor."),
            };
        }
    }

    private Batch Allocate(int rows)
    {
        // Outside every scope: they live as long as the assembler.
        using var scope = torch.NewDisposeScope();
        var batch = new Batch(
            rows,
            [.. _table.Features.Select(column => Allocate(column, rows))],
            [
                .. _table.Targets.Select(target =>
                    torch.empty(
                        rows,
                        dtype: target is TargetColumn.Category
                            ? torch.ScalarType.Int64
                            : torch.ScalarType.Float32
                    )
                ),
            ]
        );
        foreach (var tensor in batch.Features.Concat(batch.Targets))
            tensor.DetachFromDisposeScope();
        return batch;
    }

    private static torch.Tensor Allocate(FeatureColumn column, int rows) =>
        column switch
        {
            FeatureColumn.Image image => torch.empty(
                rows,
                image.Transform.Height,
                image.Transform.Width,
                image.Transform.Channels
            ),
            FeatureColumn.Category => torch.empty(rows, dtype: torch.ScalarType.Int64),
            FeatureColumn.Dense dense => torch.empty(rows, dense.Values.Width),
            _ => throw new NotSupportedException($"{column.GetType().Name} has no tensor."),
        };
}
