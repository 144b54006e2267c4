using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>
/// Layers one after the other, with the shape that each gives for one example. What would be too large is reported once
/// and not built on.
/// </summary>
internal sealed class LayerStack
{
    private readonly List<Layer> _layers = [];
    private readonly string _path;
    private readonly ConfigReading _reading;
    private bool _tooLarge;

    public LayerStack(long width, string path, ConfigReading reading)
    {
        _path = path;
        _reading = reading;
        Channels = 1;
        Resize((int)Math.Min(width, int.MaxValue), 1, 1);
        if (width > int.MaxValue)
            ReportTooLarge(width);
    }

    public LayerStack(int channels, int height, int width, string path, ConfigReading reading)
    {
        _path = path;
        _reading = reading;
        Resize(channels, height, width);
    }

    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Channels of the image, or the width of a list of features (height and width are 1 then).</summary>
    public int Channels { get; private set; }

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    /// <summary>Numbers for one example.</summary>
    public int Width => (int)Math.Min((long)Channels * Rows * Columns, int.MaxValue);

    public void Add(Layer layer) => _layers.Add(layer);

    public void AddConvolution(int outputs, int kernel, int stride, bool bias)
    {
        var padding = kernel / 2;
        _layers.Add(new Conv2dLayer(Channels, outputs, kernel, stride, padding, bias));
        Resize(outputs, After(Rows), After(Columns));

        int After(int side) => ((side + (2 * padding) - kernel) / stride) + 1;
    }

    public void AddMaxPool(int size)
    {
        if (Rows < size || Columns < size)
        {
            if (!_tooLarge)
            {
                _reading.ReportKey(
                    _path,
                    "pool_size",
                    $"the image is {Rows}×{Columns} before pooling {_layers.OfType<MaxPool2dLayer>().Count() + 1} and can't be pooled by {size}; use fewer channels, a larger pool_every or pooling: none."
                );
            }
            _tooLarge = true;
            return;
        }
        _layers.Add(new MaxPool2dLayer(size, size));
        Resize(Channels, ((Rows - size) / size) + 1, ((Columns - size) / size) + 1);
    }

    public void AddFlatten()
    {
        _layers.Add(new FlattenLayer());
        Resize(Width, 1, 1);
    }

    public void AddGlobalAveragePool()
    {
        _layers.Add(new GlobalAveragePool2dLayer());
        Resize(Channels, 1, 1);
    }

    public void AddResidual(ResidualLayer layer, int channels, int rows, int columns)
    {
        _layers.Add(layer);
        Resize(channels, rows, columns);
    }

    public void AddDense(DenseConfig dense)
    {
        foreach (var width in dense.Hidden)
        {
            // The shift of a normalization makes the layer's own bias superfluous.
            _layers.Add(
                new LinearLayer(Channels, width, dense.Normalization is NormalizationKind.None)
            );
            Resize(width, 1, 1);
            if (dense.Normalization is NormalizationKind.Batch)
                _layers.Add(new BatchNorm1dLayer(width));
            else if (dense.Normalization is NormalizationKind.Layer)
                _layers.Add(new LayerNormLayer(width));
            _layers.Add(new ActivationLayer(dense.Activation));
            AddDropout(dense.Dropout);
        }
    }

    public void AddDropout(double probability)
    {
        if (probability > 0)
            _layers.Add(new DropoutLayer(probability));
    }

    private void Resize(int channels, int rows, int columns)
    {
        Channels = channels;
        Rows = rows;
        Columns = columns;
        ReportTooLarge((long)channels * rows * columns);
    }

    private void ReportTooLarge(long outputs)
    {
        if (_tooLarge || outputs <= _reading.Limits.MaxLayerOutputs)
            return;
        _tooLarge = true;
        var (line, column) = _reading.Places.TryGetValue(_path, out var place) ? place : (1, 1);
        _reading.Report(
            line,
            column,
            _path,
            $"a layer gives {outputs:N0} numbers for one example, at most {_reading.Limits.MaxLayerOutputs:N0} are allowed."
        );
    }
}
