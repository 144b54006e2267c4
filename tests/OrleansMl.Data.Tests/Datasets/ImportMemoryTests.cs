using System.Diagnostics;
using System.Text;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

[Collection(nameof(Alone))]
public sealed class ImportMemoryTests(ITestOutputHelper output) : IDisposable
{
    private const long FileBytes = 300L << 20;
    private const long Bound = 150L << 20;

    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task A_csv_of_300_MiB_takes_a_bounded_amount_of_memory()
    {
        var file = new DatasetSourceFile("big.csv", _import.Artifacts.PathOf("big.csv"));
        var rows = Write(file.Path);
        var peak = new Peak();
        peak.Start();
        var watch = Stopwatch.StartNew();
        var result = await _import.RunAsync(
            new DatasetImportRequest { Name = "big", Files = [file] },
            peak
        );
        output.WriteLine(
            $"{rows} rows in {watch.ElapsedMilliseconds} ms, {result.Shards.Count} shards of {result.Shards.Sum(s => s.Bytes)} bytes; growth: heap {peak.Heap >> 20} MiB, process {peak.Process >> 20} MiB"
        );
        Assert.Equal(rows, result.Statistics.Sum(s => s.Rows));
        Assert.InRange(peak.Heap, 0, Bound);
        Assert.InRange(peak.Process, 0, Bound);
    }

    private static long Write(string path)
    {
        var random = new Random(7);
        var block = new StringBuilder();
        var blockRows = 20_000;
        for (var row = 0; row < blockRows; row++)
        {
            block.Append(row).Append(',').Append(random.NextDouble()).Append(',');
            block.Append(random.NextDouble() * 1e6).Append(",category ").Append(random.Next(50));
            block
                .Append(row % 3 == 0 ? ",true," : ",false,")
                .Append("a text of its own ")
                .Append(random.NextInt64());
            block.Append('\n');
        }
        var bytes = Encoding.UTF8.GetBytes(block.ToString());
        using var file = File.Create(path);
        file.Write("id,x,y,c,b,t\n"u8);
        var rows = 0L;
        for (; file.Length < FileBytes; rows += blockRows)
            file.Write(bytes);
        return rows;
    }

    /// <summary>Looks at memory at each batch: the heap after what is garbage is left out, and the process as a whole.</summary>
    private sealed class Peak : IProgress<DatasetImportProgress>
    {
        private long _heapBefore;
        private long _processBefore;

        public long Heap { get; private set; }

        public long Process { get; private set; }

        public void Start()
        {
            _heapBefore = GC.GetTotalMemory(forceFullCollection: true);
            _processBefore = Environment.WorkingSet;
        }

        public void Report(DatasetImportProgress value)
        {
            Heap = Math.Max(Heap, GC.GetTotalMemory(forceFullCollection: false) - _heapBefore);
            Process = Math.Max(Process, Environment.WorkingSet - _processBefore);
        }
    }
}

/// <summary>Tests that look at the whole process and so run when no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
