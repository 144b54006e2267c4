using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class IdxImportTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pair_of_any_names_comes_back_row_by_row(bool gzip)
    {
        byte[] Pack(byte[] bytes) => gzip ? Import.Gzip(bytes) : bytes;
        var images = Idx.Images(25);
        var result = await _import.RunAsync(
            _import.File("b", Pack(Idx.Labels(25))),
            _import.File("a", Pack(images))
        );

        Assert.Equal(
            [("image", ColumnKind.Image), ("label", ColumnKind.Integer)],
            result.Schema.Select(c => (c.Name, c.Kind))
        );
        Assert.Equal([4, 3, 1], result.Schema[0].Shape);
        var rows = _import.Rows(result);
        Assert.Equal(25, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(images.AsSpan(16 + (12 * i), 12).ToArray(), rows[i][0]);
            Assert.Equal((long)(i % 10), rows[i][1]);
        }
    }

    [Fact]
    public async Task Colour_images_keep_their_channels()
    {
        var pixels = Enumerable.Range(0, 2 * 2 * 2 * 3).Select(i => (byte)i).ToArray();
        var result = await _import.RunAsync(
            _import.File("images", Idx.File([2, 2, 2, 3], pixels)),
            _import.File("labels", Idx.Labels(2))
        );
        Assert.Equal([2, 2, 3], result.Schema[0].Shape);
        Assert.Equal(pixels[12..], _import.Rows(result)[1][0]);
    }

    [Fact]
    public async Task Files_of_t10k_test_and_the_rest_trains_and_validates()
    {
        var result = await _import.RunAsync(
            _import.File("t10k-images-idx3-ubyte", Idx.Images(40)),
            _import.File("train-labels-idx1-ubyte", Idx.Labels(200)),
            _import.File("t10k-labels-idx1-ubyte", Idx.Labels(40)),
            _import.File("train-images-idx3-ubyte", Idx.Images(200))
        );
        var splits = result.Statistics.ToDictionary(s => s.Split, s => s.Rows);
        Assert.Equal(40, splits["test"]);
        Assert.Equal(200, splits["train"] + splits["validation"]);
        Assert.InRange(splits["validation"], 5, 45);
        Assert.Equal(
            Enumerable.Repeat((object)DatasetSplits.Test, 40),
            _import.Rows(result)[200..].Select(r => r[^1]!)
        );
    }

    [Fact]
    public async Task Given_splits_take_every_row_of_a_training_file_to_train()
    {
        var result = await _import.RunAsync(
            new DatasetImportRequest
            {
                Name = "d",
                Files =
                [
                    _import.File("train-images-idx3-ubyte", Idx.Images(20)),
                    _import.File("train-labels-idx1-ubyte", Idx.Labels(20)),
                ],
                Splits = new SplitPolicy { Kind = SplitKind.Given },
            }
        );
        Assert.Equal([("train", 20L)], result.Statistics.Select(s => (s.Split, s.Rows)));
    }

    [Fact]
    public async Task Class_names_make_text_labels()
    {
        var result = await _import.RunAsync(Named(10));
        Assert.Equal(ColumnKind.Text, result.Schema[1].Kind);
        Assert.Equal("class 3", _import.Rows(result)[13][1]);
    }

    [Fact]
    public async Task A_label_out_of_range_is_refused_naming_its_row()
    {
        var message = await _import.RefusalAsync(Named(9));
        Assert.Equal(
            "labels: row 10 has the label 9, expected 0 to 8: there are 9 class names.",
            message
        );
    }

    [Theory]
    [InlineData(15, "expected an IDX header of 16 bytes, got 15")]
    [InlineData(3, "expected an IDX file, got 3 bytes")]
    [InlineData(0, "expected an IDX file, got an empty file")]
    [InlineData(
        16 + (12 * 25) - 1,
        "expected 316 bytes for 25 rows of 4x3x1 bytes, got 315: the file is cut off"
    )]
    public async Task Truncated_idx_is_refused_naming_file_and_sizes(int bytes, string expected)
    {
        foreach (var gzip in new[] { false, true })
        {
            var cut = Idx.Images(25)[..bytes];
            var message = await RefusalOfIdxAsync(
                ("images", gzip ? Import.Gzip(cut) : cut),
                ("labels", Idx.Labels(25))
            );
            Assert.StartsWith("images: " + expected, message);
        }
    }

    [Fact]
    public async Task Trailing_bytes_are_refused()
    {
        foreach (var gzip in new[] { false, true })
        {
            byte[] longer = [.. Idx.Images(25), 7];
            var message = await RefusalOfIdxAsync(
                ("images", gzip ? Import.Gzip(longer) : longer),
                ("labels", Idx.Labels(25))
            );
            Assert.StartsWith(
                "images: expected 316 bytes for 25 rows of 4x3x1 bytes, got ",
                message
            );
            Assert.EndsWith("trailing bytes after the last row.", message);
        }
    }

    [Fact]
    public async Task Gzip_that_is_cut_off_or_corrupt_is_refused()
    {
        var packed = Import.Gzip(Idx.Images(500));
        var broken = new List<byte[]> { packed[..^1], packed[..^4], packed[..^9], packed[..^500] };
        foreach (var at in new[] { packed.Length / 2, packed.Length - 6, packed.Length - 2 })
        {
            var corrupt = packed.ToArray();
            corrupt[at] ^= 0x55;
            broken.Add(corrupt);
        }
        broken.Add([.. packed, 1, 2, 3]);
        foreach (var bytes in broken)
        {
            var message = await RefusalOfIdxAsync(
                ("images.gz", bytes),
                ("labels", Idx.Labels(500))
            );
            Assert.StartsWith("images.gz: expected a whole gzip file, got ", message);
        }
    }

    [Fact]
    public async Task Gzip_of_several_members_is_one_file()
    {
        var images = Idx.Images(500);
        var result = await _import.RunAsync(
            _import.File(
                "images",
                [.. Import.Gzip(images[..2000]), .. Import.Gzip(images[2000..])]
            ),
            _import.File("labels", Idx.Labels(500))
        );
        Assert.Equal(images[^12..], _import.Rows(result)[^1][0]);
    }

    [Fact]
    public async Task A_wrong_magic_number_is_refused()
    {
        var floats = Idx.File([1, 1, 1], [0, 0, 0, 0], type: 0x0D);
        Assert.Contains(
            "got 0x00000d03",
            await RefusalOfIdxAsync(("images", floats), ("labels", Idx.Labels(1)))
        );
        Assert.Contains(
            "got 0x504b0304",
            await RefusalOfIdxAsync(
                ("images", "PK\u0003\u0004 a zip file"u8.ToArray()),
                ("labels", Idx.Labels(1))
            )
        );
    }

    [Fact]
    public async Task Images_and_labels_that_do_not_match_in_number_are_refused()
    {
        Assert.Equal(
            "labels: expected 25 labels for the images of images, got 24.",
            await RefusalOfIdxAsync(("images", Idx.Images(25)), ("labels", Idx.Labels(24)))
        );
    }

    [Fact]
    public async Task Images_without_labels_are_refused_naming_the_file_that_is_missing()
    {
        Assert.Equal(
            "train-images-idx3-ubyte.gz: expected a file of labels beside it, such as train-labels-idx1-ubyte.gz; got none.",
            await RefusalOfIdxAsync(("train-images-idx3-ubyte.gz", Idx.Images(2)))
        );
        Assert.StartsWith(
            "train-labels: expected a file of images",
            await RefusalOfIdxAsync(("train-labels", Idx.Labels(2)))
        );
    }

    [Fact]
    public async Task An_absurd_size_in_the_header_is_refused_before_anything_is_allocated()
    {
        var absurd = Idx.File([1, int.MaxValue, int.MaxValue], []);
        Assert.Contains(
            "the IDX header says 2147483647x2147483647",
            await RefusalOfIdxAsync(("images", absurd), ("labels", Idx.Labels(1)))
        );
        Assert.Contains(
            "expected a positive size in dimension 2",
            await RefusalOfIdxAsync(("images", Idx.File([1, -1, 4], [])), ("labels", Idx.Labels(1)))
        );
    }

    [Fact]
    public async Task Pairs_of_different_image_sizes_are_refused()
    {
        Assert.Contains(
            "t10k-images: expected images of 4x3 as in train-images, got 4x4",
            await RefusalOfIdxAsync(
                ("train-images", Idx.Images(2)),
                ("train-labels", Idx.Labels(2)),
                ("t10k-images", Idx.Images(2, 4, 4)),
                ("t10k-labels", Idx.Labels(2))
            )
        );
    }

    [Fact]
    public async Task A_refused_import_leaves_no_temporary_files()
    {
        _import.Options.TemporaryDirectory = Path.Combine(
            _import.Artifacts.Directory_,
            "temporary"
        );
        await RefusalOfIdxAsync(("images", Idx.Images(25)), ("labels", Idx.Labels(24)));
        await _import.RunAsync(
            _import.File("i", Idx.Images(25)),
            _import.File("l", Idx.Labels(25))
        );
        Assert.Empty(Directory.GetFileSystemEntries(_import.Options.TemporaryDirectory));
    }

    private Task<string> RefusalOfIdxAsync(params (string Name, byte[] Bytes)[] files) =>
        _import.RefusalAsync(
            new DatasetImportRequest
            {
                Name = "d",
                Format = "idx",
                Files = [.. files.Select(f => _import.File(f.Name, f.Bytes))],
            }
        );

    private DatasetImportRequest Named(int classes) =>
        new()
        {
            Name = "d",
            Files =
            [
                _import.File("images", Idx.Images(20)),
                _import.File("labels", Idx.Labels(20)),
            ],
            ClassNames = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
        };
}
