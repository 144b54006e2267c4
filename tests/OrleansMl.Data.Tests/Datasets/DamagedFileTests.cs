using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Tests.Datasets;

/// <summary>Whatever the bytes are, an import succeeds or refuses them; it never fails in another way.</summary>
public sealed class DamagedFileTests
{
    private static readonly Gen<(int At, byte Value)[]> Damage = Gen.Select(
        Gen.Int[0, int.MaxValue],
        Gen.Byte
    ).Array[1, 8];

    [Fact]
    public void Damaged_csv_is_imported_or_refused()
    {
        var whole = "a,b,c\n1,2.5,\"x\"\"y\"\n-3,,\"two\nlines\"\n4,1e3,ü\n"u8.ToArray();
        Damage.Sample(damage => ImportsOrRefuses("csv", Apply(whole, damage)), iter: 200);
        Gen.Byte.Array[0, 200].Sample(bytes => ImportsOrRefuses("csv", bytes), iter: 200);
    }

    [Fact]
    public void Damaged_gzip_is_imported_or_refused()
    {
        var text = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i},{i * 37 % 11}\n"));
        var whole = Import.Gzip(System.Text.Encoding.UTF8.GetBytes("a,b\n" + text));
        Damage.Sample(damage => ImportsOrRefuses("csv", Apply(whole, damage)), iter: 200);
    }

    [Fact]
    public void Damaged_idx_is_imported_or_refused()
    {
        var labels = Idx.Labels(5);
        Damage.Sample(
            damage => ImportsOrRefuses("idx", Apply(Idx.Images(5), damage, 16), labels),
            iter: 200
        );
    }

    [Fact]
    public void Damaged_parquet_is_imported_or_refused()
    {
        using var import = new Import();
        var path = import.Artifacts.PathOf("t.parquet");
        using (
            var writer = new ParquetFileWriter(
                path,
                [new Column<long?>("a"), new Column<string>("t"), new Column<float[]>("v")]
            )
        )
        {
            using (var group = writer.AppendRowGroup())
            {
                using (var c = group.NextColumn().LogicalWriter<long?>())
                    c.WriteBatch([1, null, 3]);
                using (var c = group.NextColumn().LogicalWriter<string>())
                    c.WriteBatch(["x", "yy", "x"]);
                using (var c = group.NextColumn().LogicalWriter<float[]>())
                    c.WriteBatch([
                        [1, 2],
                        [3, 4],
                        [5, 6],
                    ]);
            }
            writer.Close();
        }
        var whole = File.ReadAllBytes(path);
        Damage.Sample(damage => ImportsOrRefuses("parquet", Apply(whole, damage)), iter: 200);
    }

    private static byte[] Apply(byte[] whole, (int At, byte Value)[] damage, int within = 0)
    {
        var bytes = whole.ToArray();
        foreach (var (at, value) in damage)
            bytes[at % (within > 0 ? within : bytes.Length)] = value;
        return bytes;
    }

    private static void ImportsOrRefuses(string format, params byte[][] files)
    {
        using var import = new Import();
        var request = new DatasetImportRequest
        {
            Name = "d",
            Format = format,
            Files = [.. files.Select((f, i) => import.File($"file {i}", f))],
        };
        try
        {
            var result = import.RunAsync(request).GetAwaiter().GetResult();
            Assert.Equal(result.Shards.Sum(s => s.Rows), import.Rows(result).Count);
        }
        catch (InvalidInputException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }
}
