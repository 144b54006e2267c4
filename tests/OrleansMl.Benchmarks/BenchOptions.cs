namespace OrleansMl.Benchmarks;

/// <summary>How a benchmark is to run.</summary>
/// <param name="Rounds">Interleaved measurements of each side; the median counts. Default 5.</param>
/// <param name="Data">Folder with the IDX files of Fashion-MNIST, gzip or not. Default: where Debian's package puts them.</param>
internal sealed record BenchOptions(int Rounds, string Data)
{
    public const int LeastRounds = 5;
    public const string DefaultData = "/usr/share/datasets/fashion-mnist";
}
