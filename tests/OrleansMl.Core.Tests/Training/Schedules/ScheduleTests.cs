using CsCheck;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Core.Training.Schedules;

namespace OrleansMl.Core.Tests.Training.Schedules;

public sealed class ScheduleTests
{
    [Fact]
    public void An_epoch_visits_every_row_once_and_the_same_way_each_time() =>
        Gen.Select(Gen.Long, Gen.Int[1, 1000], Gen.Int[0, 500])
            .Sample(
                (seed, epoch, rows) =>
                {
                    var order = new int[rows];
                    EpochOrder.Write(seed, epoch, order);
                    var again = Enumerable.Repeat(-7, rows).ToArray();
                    EpochOrder.Write(seed, epoch, again);
                    return order.Order().SequenceEqual(Enumerable.Range(0, rows))
                        && order.SequenceEqual(again);
                }
            );

    [Fact]
    public void Another_seed_or_epoch_gives_another_order()
    {
        var orders = new[] { (1L, 1), (1L, 2), (2L, 1), (2L, 2) }.Select(key =>
        {
            var order = new int[200];
            EpochOrder.Write(key.Item1, key.Item2, order);
            return string.Join(',', order);
        });
        Assert.Equal(4, orders.Distinct().Count());
    }

    [Fact]
    public void Orders_are_fair()
    {
        // 20,000 permutations of 5: every row at every place 4,000 times, standard deviation 57.
        var counts = new int[5, 5];
        var order = new int[5];
        for (var epoch = 1; epoch <= 20_000; epoch++)
        {
            EpochOrder.Write(3, epoch, order);
            for (var place = 0; place < 5; place++)
                counts[order[place], place]++;
        }
        Assert.All(counts.Cast<int>(), count => Assert.InRange(count, 3_700, 4_300));
    }

    [Fact]
    public void SplitMix64_gives_the_published_sequence()
    {
        // Vigna's reference implementation, seed 1234567.
        var random = new SplitMix64(1234567);
        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL],
            new[] { random.Next(), random.Next(), random.Next() }
        );
    }

    [Fact]
    public void Bounded_numbers_stay_below_their_bound() =>
        Gen.Select(Gen.ULong, Gen.Long[1, long.MaxValue])
            .Sample(
                (seed, bound) =>
                {
                    var random = new SplitMix64(seed);
                    return random.NextBelow(bound) is var n
                        && n >= 0
                        && n < bound
                        && random.NextDouble() is >= 0 and < 1;
                }
            );

    [Theory]
    [InlineData(100, 32, 4, 400 / 100 * 4)]
    [InlineData(97, 32, 2, 6)] // 97 = 3 × 32 + 1: the single row is left out.
    [InlineData(1, 32, 3, 3)]
    [InlineData(64, 32, 5, 10)]
    public void Steps_are_counted(int rows, int batch, int epochs, long steps)
    {
        var length = new TrainingLength(
            rows,
            new TrainerConfig { BatchSize = batch, Epochs = epochs }
        );
        Assert.Equal(steps, length.TotalSteps);
    }

    [Fact]
    public void The_steps_of_an_epoch_cover_its_rows_without_overlap() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 64])
            .Sample(
                (rows, batch) =>
                {
                    var length = new TrainingLength(
                        rows,
                        new TrainerConfig { BatchSize = batch, Epochs = 2 }
                    );
                    var place = 0L;
                    for (var step = length.StepsPerEpoch; step < 2 * length.StepsPerEpoch; step++)
                    {
                        var (start, count) = length.RowsOf(step);
                        Assert.Equal(2, length.EpochOf(step));
                        Assert.Equal(place, start);
                        Assert.InRange(count, 1, batch);
                        place += count;
                    }
                    Assert.True(rows - place is 0 or 1);
                }
            );

    [Fact]
    public void Most_steps_end_it_earlier()
    {
        var length = new TrainingLength(1000, new TrainerConfig { Epochs = 10, MaxSteps = 5 });
        Assert.Equal(5, length.TotalSteps);
    }

    [Theory]
    [InlineData(ScheduleKind.Constant, 0, 0.1)]
    [InlineData(ScheduleKind.Constant, 99, 0.1)]
    [InlineData(ScheduleKind.Linear, 0, 0.1)]
    [InlineData(ScheduleKind.Linear, 99, 0.02)]
    [InlineData(ScheduleKind.Cosine, 0, 0.1)]
    [InlineData(ScheduleKind.Cosine, 99, 0.02)]
    [InlineData(ScheduleKind.Step, 19, 0.1)]
    [InlineData(ScheduleKind.Step, 20, 0.05)]
    [InlineData(ScheduleKind.Step, 99, 0.00625)]
    [InlineData(ScheduleKind.Exponential, 9, 0.1)]
    [InlineData(ScheduleKind.Exponential, 10, 0.05)]
    [InlineData(ScheduleKind.Exponential, 99, 0.1 / 512)]
    public void Rates_follow_their_schedule(ScheduleKind kind, long step, double expected)
    {
        var schedule = new ScheduleConfig
        {
            Kind = kind,
            FinalFraction = 0.2,
            StepEpochs = 2,
            Gamma = 0.5,
        };
        Assert.Equal(expected, LearningRateSchedule.At(schedule, 0.1, step, TenByTen), 1e-12);
    }

    [Fact]
    public void A_warm_up_rises_in_a_line_and_ends_in_the_peak()
    {
        var schedule = new ScheduleConfig { Kind = ScheduleKind.Cosine, WarmupSteps = 4 };
        var rates = Enumerable
            .Range(0, 5)
            .Select(step => LearningRateSchedule.At(schedule, 0.8, step, TenByTen));
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 0.8], rates.Select(rate => Math.Round(rate, 12)));
    }

    [Fact]
    public void Rates_are_never_negative_nor_above_the_peak() =>
        Gen.Select(Gen.Enum<ScheduleKind>(), Gen.Long[0, 200], Gen.Long[0, 99], Gen.Double[0, 1])
            .Sample(
                (kind, warmup, step, share) =>
                    LearningRateSchedule.At(
                        new ScheduleConfig
                        {
                            Kind = kind,
                            WarmupSteps = warmup,
                            FinalFraction = share,
                            Gamma = share,
                        },
                        0.1,
                        step,
                        TenByTen
                    )
                        is >= 0
                            and <= 0.1 + 1e-15
            );

    private static TrainingLength TenByTen { get; } =
        new(100, new TrainerConfig { BatchSize = 10, Epochs = 10 });
}
