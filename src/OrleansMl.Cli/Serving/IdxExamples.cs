using System.Runtime.CompilerServices;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Serving;

/// <summary>Images and labels of two IDX files.</summary>
internal sealed class IdxExamples : IEvaluationSource
{
    private readonly IdxFile _images;
    private readonly IdxFile _labels;
    private readonly IReadOnlyList<string>? _classNames;
    private readonly int _batchSize;
    private readonly string _name;

    private IdxExamples(
        IdxFile images,
        IdxFile labels,
        IReadOnlyList<string>? classNames,
        int batchSize,
        string name
    )
    {
        _images = images;
        _labels = labels;
        _classNames = classNames;
        _batchSize = batchSize;
        _name = name;
    }

    /// <exception cref="InvalidInputException">A file is damaged, or the two don't belong together.</exception>
    public static async Task<IdxExamples> ReadAsync(
        string imagesPath,
        string labelsPath,
        IReadOnlyList<string>? classNames,
        int batchSize,
        CancellationToken cancellationToken
    )
    {
        var images = await IdxFile.ReadAsync(imagesPath, cancellationToken);
        var labels = await IdxFile.ReadAsync(labelsPath, cancellationToken);
        if (labels.ItemSize != 1)
            throw new InvalidInputException(
                $"'{labelsPath}' holds [{string.Join(',', labels.Shape)}], expected one label an image."
            );
        if (images.Count != labels.Count)
            throw new InvalidInputException(
                $"'{imagesPath}' holds {images.Count} images, '{labelsPath}' {labels.Count} labels."
            );
        return new IdxExamples(images, labels, classNames, batchSize, Path.GetFileName(imagesPath));
    }

    public async IAsyncEnumerable<(string Truth, string Predicted)> PredictAsync(
        ModelClient model,
        ModelSignature signature,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (_classNames is null && signature.ClassLabels.Any(l => !int.TryParse(l, out _)))
            throw new InvalidInputException(
                $"the model's classes have names ({string.Join(", ", signature.ClassLabels)}), the file's labels are numbers: give their names in order with --class-names."
            );
        for (var first = 0; first < _images.Count; first += _batchSize)
        {
            var count = Math.Min(_batchSize, _images.Count - first);
            var response = await model.PredictAsync(
                new ImageBatch(_images.Items(first, count), count),
                cancellationToken
            );
            var labels = _labels.Items(first, count);
            for (var i = 0; i < count; i++)
                yield return (Label(labels.Span[i]), response.Predictions[i].Label);
        }
    }

    public override string ToString() => $"{_name} ({_images.Count} images)";

    private string Label(byte label) =>
        _classNames is null ? $"{label}"
        : label < _classNames.Count ? _classNames[label]
        : throw new InvalidInputException(
            $"a label is {label}, but --class-names has {_classNames.Count} names."
        );
}
