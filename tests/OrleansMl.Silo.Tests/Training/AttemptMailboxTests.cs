using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

public sealed class AttemptMailboxTests
{
    private readonly List<string> _superseded = [];

    [Fact]
    public async Task Points_come_in_order_and_before_the_checkpoint_that_followed_them()
    {
        var mailbox = Create(10_000);
        mailbox.Add(Progress(1, 1_500));
        mailbox.Add(new WorkerCheckpoint { Path = "a", Step = 1_500 });
        mailbox.Complete();

        var first = await TakeAsync(mailbox);
        var second = await TakeAsync(mailbox);

        Assert.Equal(1_000, first!.Points.Count);
        Assert.Null(first.Checkpoint);
        Assert.Equal(1_001, second!.Points[0].Step);
        Assert.Equal(500, second.Points.Count);
        Assert.Equal(1_500, second.Checkpoint!.Step);
        Assert.Null(await TakeAsync(mailbox));
    }

    [Fact]
    public async Task A_newer_checkpoint_takes_the_place_of_one_that_nobody_took()
    {
        var mailbox = Create(10_000);
        mailbox.Add(new WorkerCheckpoint { Path = "a", Step = 1 });
        mailbox.Add(new WorkerCheckpoint { Path = "b", Step = 2 });

        var batch = await TakeAsync(mailbox);

        Assert.Equal("b", batch!.Checkpoint!.Path);
        Assert.Equal(["a"], _superseded);
    }

    [Fact]
    public async Task A_full_mailbox_has_room_again_after_it_was_read()
    {
        var mailbox = Create(1_200);
        mailbox.Add(Progress(1, 1_199));
        Assert.True(mailbox.Room.IsCompleted);
        mailbox.Add(Progress(1_200, 1));
        var room = mailbox.Room;
        Assert.False(room.IsCompleted);

        await TakeAsync(mailbox);

        await room;
    }

    [Fact]
    public async Task Waiting_ends_with_what_comes()
    {
        var mailbox = Create(10_000);
        var waiting = TakeAsync(mailbox);
        Assert.False(waiting.IsCompleted);

        mailbox.Add(Progress(1, 1));

        Assert.Single((await waiting)!.Points);
    }

    private AttemptMailbox Create(int limit) =>
        new(limit, checkpoint => _superseded.Add(checkpoint.Path));

    private static Task<AttemptMailbox.Batch?> TakeAsync(AttemptMailbox mailbox) =>
        mailbox.TakeAsync(TestContext.Current.CancellationToken).AsTask();

    private static WorkerProgress Progress(long first, int count) =>
        new()
        {
            Progress = new TrainingProgress
            {
                Step = first + count - 1,
                TotalSteps = 2_000,
                Epoch = 1,
                Epochs = 1,
            },
            Points =
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(i => new MetricPoint
                    {
                        Step = first + i,
                        Epoch = 1,
                        Series = "step",
                        ElapsedSeconds = 0,
                        Values = new Dictionary<string, double>(),
                    }),
            ],
        };
}
