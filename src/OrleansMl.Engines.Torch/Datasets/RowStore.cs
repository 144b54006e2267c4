namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Rows of the same width in memory, in pieces so that no array nears the runtime's limit.</summary>
/// <typeparam name="T">An element.</typeparam>
internal sealed class RowStore<T>
    where T : unmanaged
{
    private const int PieceElements = 1 << 26;
    private readonly T[][] _pieces;
    private readonly int _rowsPerPiece;

    /// <summary>Makes zeros.</summary>
    /// <param name="rows">0 or more.</param>
    /// <param name="width">Elements of a row, 1 or more.</param>
    public RowStore(long rows, int width)
    {
        Width = width;
        Rows = rows;
        _rowsPerPiece = Math.Max(1, PieceElements / width);
        _pieces = new T[checked((int)((rows + _rowsPerPiece - 1) / _rowsPerPiece))][];
        for (var i = 0; i < _pieces.Length; i++)
        {
            var here = Math.Min(_rowsPerPiece, rows - ((long)i * _rowsPerPiece));
            _pieces[i] = new T[checked((int)here * width)];
        }
    }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <summary>How many rows.</summary>
    public long Rows { get; }

    /// <summary>A row, to read or to write.</summary>
    public Span<T> this[int row]
    {
        get
        {
            var (piece, place) = Math.DivRem(row, _rowsPerPiece);
            return _pieces[piece].AsSpan(place * Width, Width);
        }
    }
}
