using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Tests.Export;
using OrleansMl.Engines.Torch.Tests.Models;

namespace OrleansMl.Engines.Torch.Tests.Datasets;

public sealed class BatchTests
{
    private static readonly ImageTransform Gray = new(6, 7, 1, [0.3f], [0.4f]);
    private static readonly ImageTransform Color = new(5, 4, 3, [0.1f, 0.2f, 0.3f], [1, 2, 4]);

    [Fact]
    public void Pixels_are_normalized_as_the_formula_says() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[60], Gen.OneOf(Gen.Const(1f), Gen.Float[0, 2]))
            .Sample(
                (gray, pixels, brightness) =>
                {
                    var image = gray ? Gray : Color;
                    pixels = pixels[..(image.Height * image.Width * image.Channels)];
                    var floats = new float[pixels.Length];
                    new PixelConverter(image).Convert(pixels, brightness, floats);
                    for (var i = 0; i < pixels.Length; i++)
                    {
                        var c = i % image.Channels;
                        var expected =
                            ((Math.Min(255.0, pixels[i] * brightness) / 255) - image.Mean[c])
                            / image.Deviation[c];
                        Assert.Equal(expected, floats[i], 1e-5);
                    }
                }
            );

    [Fact]
    public void Without_augmentation_switched_on_images_stay_as_they_are() =>
        Gen
            .Byte.Array[60]
            .Sample(pixels =>
            {
                var augmenter = new ImageAugmenter(new AugmentationConfig(), Color, 1);
                augmenter.Begin(7, 0);
                return augmenter.Next(pixels, out var brightness).SequenceEqual(pixels)
                    && brightness == 1;
            });

    [Fact]
    public void Mirrored_images_have_their_columns_in_reverse_order_and_about_half_are()
    {
        var pixels = Enumerable.Range(1, 60).Select(i => (byte)i).ToArray();
        var mirrored = new byte[60];
        for (var y = 0; y < 5; y++)
        for (var x = 0; x < 4; x++)
        for (var c = 0; c < 3; c++)
            mirrored[(((y * 4) + 3 - x) * 3) + c] = pixels[(((y * 4) + x) * 3) + c];
        var augmenter = new ImageAugmenter(new() { HorizontalFlip = true }, Color, 1);
        augmenter.Begin(0, 0);
        var changed = 0;
        for (var i = 0; i < 1000; i++)
        {
            var next = augmenter.Next(pixels, out _).ToArray();
            Assert.True(next.SequenceEqual(pixels) || next.SequenceEqual(mirrored));
            changed += next.SequenceEqual(mirrored) ? 1 : 0;
        }
        Assert.InRange(changed, 400, 600);
    }

    [Fact]
    public void Moved_images_are_the_image_at_another_place_with_zeros_around()
    {
        var pixels = Enumerable.Range(1, 42).Select(i => (byte)i).ToArray();
        var augmenter = new ImageAugmenter(new() { CropPadding = 3 }, Gray, 1);
        augmenter.Begin(0, 0);
        var places = new HashSet<(int, int)>();
        for (var i = 0; i < 2000; i++)
        {
            var next = augmenter.Next(pixels, out _).ToArray();
            var place = (
                from down in Enumerable.Range(-3, 7)
                from right in Enumerable.Range(-3, 7)
                where next.SequenceEqual(Moved(down, right))
                select (down, right)
            ).Single();
            places.Add(place);
        }
        Assert.Equal(49, places.Count);

        byte[] Moved(int down, int right) =>
            [
                .. from y in Enumerable.Range(down, 6)
                from x in Enumerable.Range(right, 7)
                select y is >= 0 and < 6 && x is >= 0 and < 7 ? pixels[(y * 7) + x] : (byte)0,
            ];
    }

    [Fact]
    public void Erased_images_have_one_black_rectangle_as_often_as_asked()
    {
        var pixels = Enumerable.Repeat((byte)200, 42).ToArray();
        var augmenter = new ImageAugmenter(new() { Erase = 0.25 }, Gray, 1);
        augmenter.Begin(0, 0);
        var erased = 0;
        for (var i = 0; i < 1000; i++)
        {
            var next = augmenter.Next(pixels, out _).ToArray();
            var black = Enumerable.Range(0, 42).Where(p => next[p] == 0).ToList();
            if (black.Count == 0)
                continue;
            erased++;
            var height = (black.Max() / 7) - (black.Min() / 7) + 1;
            var width = black.Max(p => p % 7) - black.Min(p => p % 7) + 1;
            Assert.Equal(height * width, black.Count);
        }
        Assert.InRange(erased, 180, 320);
    }

    [Fact]
    public void Brightness_stays_within_what_was_asked()
    {
        var augmenter = new ImageAugmenter(new() { Brightness = 0.2 }, Gray, 1);
        augmenter.Begin(0, 0);
        var factors = new List<float>();
        for (var i = 0; i < 1000; i++)
        {
            augmenter.Next(new byte[42], out var brightness);
            factors.Add(brightness);
        }
        Assert.InRange(factors.Min(), 0.8f, 0.81f);
        Assert.InRange(factors.Max(), 1.19f, 1.2f);
    }

    [Fact]
    public void A_steps_changes_depend_on_seed_step_and_input_alone()
    {
        AugmentationConfig all = new()
        {
            HorizontalFlip = true,
            CropPadding = 3,
            Brightness = 0.5,
            Erase = 0.5,
        };
        var pixels = Enumerable.Range(1, 42).Select(i => (byte)i).ToArray();
        Assert.Equal(Run(1, 5, 0), Run(1, 5, 0));
        Assert.Equal(
            4,
            new[] { Run(1, 5, 0), Run(2, 5, 0), Run(1, 6, 0), Run(1, 5, 1) }.Distinct().Count()
        );

        string Run(long seed, long step, int input)
        {
            var augmenter = new ImageAugmenter(all, Gray, seed);
            augmenter.Begin(step - 1, input);
            augmenter.Next(pixels, out _);
            augmenter.Begin(step, input);
            return string.Join(
                ' ',
                Enumerable
                    .Range(0, 8)
                    .Select(_ =>
                        Convert.ToHexString(augmenter.Next(pixels, out var brightness)) + brightness
                    )
            );
        }
    }

    [Fact]
    public void Batches_hold_the_asked_rows_in_order()
    {
        var plan = Plans.All["mlp with embeddings"];
        var tables = PlanTables.Of(plan, 30, seed: 2);
        using var batches = new BatchAssembler(tables.Train, plan);
        int[] rows = [4, 29, 4, 0, 17];
        var batch = batches.Assemble(rows);
        // age alone, the two categories, then member and history side by side.
        Assert.Equal(
            ["5 1", "5", "5", "5 4"],
            batch.Features.Select(f => string.Join(' ', f.shape))
        );
        var age = (FeatureColumn.Dense)tables.Train.Features[0];
        Assert.Equal(
            rows.Select(row => age.Values[row][0]),
            batch.Features[0].data<float>().ToArray()
        );
        var city = (FeatureColumn.Category)tables.Train.Features[1];
        Assert.Equal(
            rows.Select(row => (long)city.Index[row][0]),
            batch.Features[1].data<long>().ToArray()
        );
        var label = (TargetColumn.Category)tables.Train.Targets[0];
        Assert.Equal(
            rows.Select(row => (long)label.Classes[row][0]),
            batch.Targets[0].data<long>().ToArray()
        );
    }

    [Fact]
    public void Rows_are_kept_apart_in_pieces()
    {
        var store = new RowStore<byte>(5, 1 << 25);
        for (var row = 0; row < 5; row++)
            store[row].Fill((byte)(row + 1));
        for (var row = 0; row < 5; row++)
            Assert.Equal(-1, store[row].IndexOfAnyExcept((byte)(row + 1)));
        Assert.Throws<IndexOutOfRangeException>(() => store[6][0]);
    }

    [Fact]
    public void Missing_and_unknown_values_become_what_the_plan_says()
    {
        var plan = Plans.All["mlp with embeddings"];
        var dataset = new MemoryDataset(2)
            .Number("age", row => row == 0 ? double.NaN : 8)
            .Text("city", row => row == 0 ? null : "wien")
            .Integer("zone", row => row == 0 ? 5 : 12)
            .Boolean("member", row => row == 0 ? null : true)
            .Vector("history", 3, row => [row, row, row])
            .Integer("label", _ => long.Parse(plan.Heads[0].Classes[0]));
        var table = new TableLoader(dataset, long.MaxValue)
            .Load(plan, dataset.Manifest, ["memory"], TestContext.Current.CancellationToken)
            .Train;
        Assert.Equal(
            [(1.5f - 2) / 3, 2],
            Enumerable
                .Range(0, 2)
                .Select(row => ((FeatureColumn.Dense)table.Features[0]).Values[row][0])
        );
        Assert.Equal(
            [0, 3],
            Enumerable
                .Range(0, 2)
                .Select(row => ((FeatureColumn.Category)table.Features[1]).Index[row][0])
        );
        Assert.Equal(
            [0, 3],
            Enumerable
                .Range(0, 2)
                .Select(row => ((FeatureColumn.Category)table.Features[2]).Index[row][0])
        );
        Assert.Equal(
            [0, 0, -0.25f, -0.5f],
            ((FeatureColumn.Dense)table.Features[3]).Values[0].ToArray()
        );
        Assert.Equal(
            [1, 0.5f, 0.25f, 0],
            ((FeatureColumn.Dense)table.Features[3]).Values[1].ToArray()
        );
    }

    [Fact]
    public void Shards_that_are_not_the_manifests_are_refused()
    {
        var plan = Plans.All["softmax over a vector"];
        var dataset = new MemoryDataset(6)
            .Vector("v", 7, _ => new float[7])
            .Text("label", row => plan.Heads[0].Classes[row % 2]);
        var loader = new TableLoader(dataset, long.MaxValue);
        var manifest = dataset.Manifest;
        Refused(7, "hold 6 rows in split train, its statistics count 7");
        Refused(5, "past those that its statistics count");
        var strange = new MemoryDataset(3)
            .Vector("v", 7, _ => new float[7])
            .Text("label", _ => "never heard of");
        var error = Assert.Throws<InvalidInputException>(() =>
            new TableLoader(strange, long.MaxValue).Load(
                plan,
                strange.Manifest,
                ["memory"],
                TestContext.Current.CancellationToken
            )
        );
        Assert.Contains(
            "the label 'never heard of' in row 0",
            error.Message,
            StringComparison.Ordinal
        );

        void Refused(long rows, string expected)
        {
            var wrong = manifest with
            {
                Statistics = [manifest.Statistics[0] with { Rows = rows }],
            };
            var refused = Assert.Throws<InvalidInputException>(() =>
                loader.Load(plan, wrong, ["memory"], TestContext.Current.CancellationToken)
            );
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_target_without_a_value_is_refused_naming_column_and_row()
    {
        var plan = Plans.All["linear regression"];
        var dataset = new MemoryDataset(4)
            .Number("a", _ => 1)
            .Number("b", _ => 1)
            .Number(plan.Heads[0].Column, row => row == 2 ? double.NaN : 1);
        var error = Assert.Throws<InvalidInputException>(() =>
            new TableLoader(dataset, long.MaxValue).Load(
                plan,
                dataset.Manifest,
                ["memory"],
                TestContext.Current.CancellationToken
            )
        );
        Assert.Contains($"'{plan.Heads[0].Column}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("no value in row 2", error.Message, StringComparison.Ordinal);
    }
}
