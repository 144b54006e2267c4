using CsCheck;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Batching;

namespace OrleansMl.Core.Tests.Serving.Batching;

public sealed class BatchQueueTests
{
    private static readonly BatchGroup[] Groups =
    [
        BatchGroup.Plain,
        .. Enumerable.Range(1, 3).Select(width => GroupOf(width)),
    ];

    private static readonly Gen<Item[]> Arrivals = Gen.Select(
        Gen.Int[1, 5],
        Gen.Int[0, 3],
        Gen.Int[1, 3],
        Gen.Long[0, 100],
        Gen.Bool,
        (rows, group, priority, deadline, gone) =>
            new Item(rows, Groups[group], priority, 0, deadline < 60 ? long.MaxValue : deadline)
            {
                Gone = gone && rows == 1,
            }
    ).Array[0, 40];

    [Fact]
    public void No_call_is_lost_or_taken_twice_and_no_batch_mixes_groups_or_grows_past_the_maximum()
    {
        Gen.Select(Arrivals, Gen.Long[0, 100], Gen.Int[1, 8])
            .Sample(
                (items, now, maximum) =>
                {
                    var wanted = items.Where(item => !item.Gone).ToHashSet();
                    var queue = new BatchQueue<Item>();
                    foreach (var item in items)
                        queue.Add(item);
                    var answered = new List<Item>();
                    var late = new List<Item>();
                    while (queue.Count > 0)
                    {
                        var batch = new List<Item>();
                        queue.Take(now, maximum, batch, late);
                        if (batch.Count > 1 && batch.Sum(item => item.Rows) > maximum)
                            return false;
                        if (
                            batch.Any(item =>
                                !item.Group.Equals(batch[0].Group) || item.Deadline <= now
                            )
                        )
                            return false;
                        answered.AddRange(batch);
                    }
                    return answered.Count + late.Count == wanted.Count
                        && wanted.SetEquals(answered.Concat(late))
                        && late.All(item => item.Deadline <= now);
                }
            );
    }

    [Fact]
    public void Calls_of_a_group_and_priority_keep_their_order_and_a_higher_priority_goes_first()
    {
        Gen.Select(Arrivals, Gen.Int[1, 8])
            .Sample(
                (items, maximum) =>
                {
                    var queue = new BatchQueue<Item>();
                    for (var i = 0; i < items.Length; i++)
                    {
                        items[i].Number = i;
                        queue.Add(items[i]);
                    }
                    var taken = new List<Item>();
                    while (queue.Count > 0)
                        queue.Take(0, maximum, taken, []);
                    foreach (var group in taken.GroupBy(item => item.Group))
                    {
                        var order = group.Select(item => (item.Priority, item.Number)).ToList();
                        if (!order.SequenceEqual(order.Order()))
                            return false;
                    }
                    return true;
                }
            );
    }

    [Fact]
    public void A_batch_says_why_it_was_closed()
    {
        Assert.Equal(BatchClosing.Idle, Closing(4, New(1), New(2)));
        Assert.Equal(BatchClosing.Full, Closing(3, New(1), New(2), New(1)));
        Assert.Equal(BatchClosing.Full, Closing(3, New(2), New(2)));
        Assert.Equal(BatchClosing.Shape, Closing(8, New(1), New(1, Groups[1])));
    }

    [Fact]
    public void Without_a_delay_a_batch_closes_at_once_and_with_one_when_it_is_over_full_or_due()
    {
        var costs = new BatchCostTable();
        var queue = new BatchQueue<Item>();
        Assert.Equal(long.MaxValue, queue.CloseAt(Rules(0), costs, out _));
        queue.Add(New(1, arrived: 100));
        Assert.Equal(long.MinValue, queue.CloseAt(Rules(0), costs, out var closing));
        Assert.Null(closing);

        Assert.Equal(150, queue.CloseAt(Rules(50), costs, out closing));
        Assert.Equal(BatchClosing.Delay, closing);

        costs.Record(2, 10);
        queue.Add(New(1, arrived: 110, deadline: 140));
        Assert.Equal(130, queue.CloseAt(Rules(50), costs, out closing));
        Assert.Equal(BatchClosing.Deadline, closing);

        queue.Add(New(2, arrived: 111));
        Assert.Equal(long.MinValue, queue.CloseAt(Rules(50), costs, out _));
    }

    [Fact]
    public void Late_calls_are_found_without_a_batch_and_the_next_deadline_is_known()
    {
        var queue = new BatchQueue<Item>();
        queue.Add(New(1, deadline: 10));
        queue.Add(New(1, deadline: 20));
        queue.Add(New(1));
        var late = new List<Item>();

        queue.Expire(15, late);

        Assert.Equal(10, Assert.Single(late).Deadline);
        Assert.Equal(20, queue.NextDeadline);
        Assert.Equal(2, queue.Count);
    }

    private static BatchClosing Closing(int maximum, params Item[] items)
    {
        var queue = new BatchQueue<Item>();
        foreach (var item in items)
            queue.Add(item);
        return queue.Take(0, maximum, [], []);
    }

    private static BatchRules Rules(long delay) => new(4, delay, 100, 10, 5, 0, 1);

    private static Item New(
        int rows,
        BatchGroup? group = null,
        long arrived = 0,
        long deadline = long.MaxValue
    ) => new(rows, group ?? BatchGroup.Plain, 1, arrived, deadline);

    private static BatchGroup GroupOf(int width) =>
        BatchGroup.Of(
            new ModelSignature
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "x",
                        Datatype = "FP32",
                        Shape = [-1, -1],
                    },
                ],
                Outputs = [],
            },
            [
                new InferenceTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = [1, width],
                    Data = default,
                },
            ],
            []
        );

    private sealed class Item(
        int rows,
        BatchGroup group,
        int priority,
        long arrivedAt,
        long deadline
    ) : IBatchItem
    {
        public int Rows => rows;

        public BatchGroup Group => group;

        public int Priority => priority;

        public long ArrivedAt => arrivedAt;

        public long Deadline => deadline;

        public bool Gone { get; set; }

        public int Number { get; set; }

        // A second taking is a defect of the queue, not a call given up.
        public bool TryTake()
        {
            if (Gone)
                return false;
            Assert.False(_taken);
            _taken = true;
            return true;
        }

        private bool _taken;
    }
}
