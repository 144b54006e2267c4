using CsCheck;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Core.Tests.Training;

public sealed class SlotLeasingTests
{
    private const int QueueLimit = 6;
    private static readonly SlotLeasingRules Rules = new(
        Expiry: TimeSpan.FromSeconds(10),
        IdleGrace: TimeSpan.FromSeconds(5)
    );
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string> NoLabels = [];

    [Fact]
    public void Runs_get_slots_in_their_order_and_pass_over_those_that_no_slot_suits()
    {
        var leasing = Empty();
        Enqueue(leasing, "a", "cuda");
        Enqueue(leasing, "b");
        Enqueue(leasing, "c");
        Assert.Equal(2, leasing.Position(Run("b")));

        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), Start);
        var granted = leasing.Grant(Start);

        Assert.Equal("b", Assert.Single(granted).Run.Value);
        Assert.Equal(1, leasing.Position(Run("a")));
        Assert.Equal(2, leasing.Position(Run("c")));
        Assert.Null(leasing.Position(Run("b")));
        leasing.Observe(Report("s2", 1, ("cuda:0", null, 0)), Start);
        Assert.Equal("a", Assert.Single(leasing.Grant(Start)).Run.Value);
    }

    [Fact]
    public void A_slot_must_have_the_labels_that_a_run_requires()
    {
        var leasing = Empty();
        leasing.Enqueue(
            Run("a"),
            "cpu",
            new Dictionary<string, string> { ["zone"] = "north" },
            QueueLimit
        );
        leasing.Observe(
            Report("s1", 1, ("cpu:0", null, 0)) with
            {
                Labels = new Dictionary<string, string> { ["zone"] = "south" },
            },
            Start
        );
        Assert.Empty(leasing.Grant(Start));
        leasing.Observe(
            Report("s2", 1, ("cpu:0", null, 0)) with
            {
                Labels = new Dictionary<string, string> { ["zone"] = "north" },
            },
            Start
        );
        Assert.Equal("s2/cpu:0", Assert.Single(leasing.Grant(Start)).Slot);
    }

    [Fact]
    public void A_silo_that_drains_or_is_silent_gets_no_work()
    {
        var leasing = Empty();
        Enqueue(leasing, "a");
        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)) with { Draining = true }, Start);
        Assert.Empty(leasing.Grant(Start));
        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), Start);
        Assert.Empty(leasing.Grant(Start + Rules.Expiry));
        Assert.Empty(leasing.Slots(Start + Rules.Expiry));
        Assert.Single(leasing.Slots(Start));
    }

    [Fact]
    public void A_lease_that_is_not_renewed_is_lost_and_its_run_waits_at_the_front()
    {
        var leasing = Leased(out _);
        Enqueue(leasing, "b");
        var later = Start + TimeSpan.FromSeconds(6);
        leasing.Observe(Report("s1", 1, ("cpu:0", "a", 1)), later);
        Assert.Empty(leasing.Expire(Start + Rules.Expiry));

        var lost = Assert.Single(leasing.Expire(later + Rules.Expiry));

        Assert.Equal(("a", 1), (lost.Lease.Run.Value, lost.Lease.Attempt));
        Assert.Equal(1, leasing.Position(Run("a")));
        Assert.Equal(1, leasing.Queue.First().LostAttempt);
        // Until the run was told, it gets no slot; b may.
        leasing.Observe(Report("s2", 1, ("cpu:0", null, 0)), later + Rules.Expiry);
        Assert.Equal("b", Assert.Single(leasing.Grant(later + Rules.Expiry)).Run.Value);
        leasing.AcknowledgeLoss(Run("a"), 1);
        leasing.Observe(Report("s3", 1, ("cpu:0", null, 0)), later + Rules.Expiry);
        Assert.Equal("a", Assert.Single(leasing.Grant(later + Rules.Expiry)).Run.Value);
    }

    [Fact]
    public void A_slot_is_not_leased_again_on_word_that_is_older_than_its_last_lease()
    {
        var leasing = Leased(out _);
        Assert.Single(leasing.Expire(Start + Rules.Expiry));
        leasing.AcknowledgeLoss(Run("a"), 1);

        Assert.Empty(leasing.Grant(Start + TimeSpan.FromSeconds(9)));
        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), Start + Rules.Expiry);
        Assert.Single(leasing.Grant(Start + Rules.Expiry));
    }

    [Fact]
    public void Leases_of_a_silo_that_started_anew_are_lost_at_once_and_its_old_reports_count_no_more()
    {
        var leasing = Leased(out _);

        var lost = leasing.Observe(Report("s1", 2, ("cpu:0", null, 0)), Start);

        Assert.Contains("started anew", Assert.Single(lost).Reason, StringComparison.Ordinal);
        Assert.Empty(leasing.Observe(Report("s1", 1, ("cpu:0", "a", 1)), Start));
        Assert.Null(leasing.Slots(Start)[0].Run);
    }

    [Fact]
    public void A_slot_that_reports_itself_idle_loses_its_lease_after_the_grace()
    {
        var leasing = Leased(out _);
        var early = Start + Rules.IdleGrace - TimeSpan.FromTicks(1);

        Assert.Empty(leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), early));
        var lost = leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), Start + Rules.IdleGrace);

        Assert.Contains("no longer works", Assert.Single(lost).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_ended_frees_its_slot_and_an_older_one_does_not()
    {
        var leasing = Leased(out _);
        leasing.End(Run("a"), attempt: 0, requeue: true);
        Assert.NotNull(leasing.FindLease(Run("a")));
        leasing.End(Run("a"), attempt: 1, requeue: true);
        Assert.Null(leasing.FindLease(Run("a")));
        Assert.Equal(1, leasing.Position(Run("a")));
        leasing.End(Run("a"), attempt: 1, requeue: false);
        Assert.False(leasing.Knows(Run("a")));
    }

    [Fact]
    public void A_lease_that_could_not_be_started_is_taken_back_and_both_rest()
    {
        var leasing = Leased(out var lease);
        var until = Start + TimeSpan.FromSeconds(3);
        leasing.TakeBack("lease-99", Run("a"), "no", until);
        Assert.NotNull(leasing.FindLease(Run("a")));

        leasing.TakeBack(lease.LeaseId, Run("a"), "no", until);
        leasing.AcknowledgeLoss(Run("a"), 1);
        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0), ("cpu:1", null, 0)), Start);

        Assert.Empty(leasing.Grant(Start));
        Assert.Single(leasing.Grant(until));
        Assert.False(leasing.Begin(lease.LeaseId, Run("a"), 2));
    }

    [Fact]
    public void The_queue_is_bounded_for_new_runs()
    {
        var leasing = Empty();
        for (var i = 0; i < QueueLimit; i++)
            Assert.True(Enqueue(leasing, $"r{i}"));
        Assert.False(Enqueue(leasing, "more"));
        Assert.True(Enqueue(leasing, "r0"));
        Assert.Equal(QueueLimit, leasing.Queue.Count);
    }

    // What may happen to the pool, at random: kind of step, run, silo, amount.
    private static readonly Gen<(int Kind, int Run, int Silo, int Amount)[]> Steps = Gen.Select(
        Gen.Int[0, 9],
        Gen.Int[0, 19],
        Gen.Int[0, 2],
        Gen.Int[0, 12]
    ).Array[0, 120];

    [Fact]
    public void No_slot_has_two_leases_no_run_two_slots_and_the_first_come_is_first_served() =>
        Steps.Sample(
            steps =>
            {
                var model = new World();
                foreach (var step in steps)
                    model.Take(step);
            },
            iter: 2_000,
            print: steps => string.Join(", ", steps)
        );

    private static SlotLeasing Leased(out SlotLease lease)
    {
        var leasing = Empty();
        Enqueue(leasing, "a");
        leasing.Observe(Report("s1", 1, ("cpu:0", null, 0)), Start);
        lease = Assert.Single(leasing.Grant(Start));
        Assert.True(leasing.Begin(lease.LeaseId, Run("a"), 1));
        return leasing;
    }

    private static SlotLeasing Empty() => new(Rules, 0, 0, [], [], Start);

    private static bool Enqueue(SlotLeasing leasing, string run, string accelerator = "cpu") =>
        leasing.Enqueue(Run(run), accelerator, NoLabels, QueueLimit);

    private static TrainingRunId Run(string run) => new(run);

    private static SiloSlotsReport Report(
        string silo,
        long incarnation,
        params (string Device, string? Run, int Attempt)[] slots
    ) =>
        new()
        {
            Silo = silo,
            Incarnation = incarnation,
            Slots =
            [
                .. slots.Select(slot => new SlotReport
                {
                    Slot = $"{silo}/{slot.Device}",
                    Accelerator = slot.Device.Split(':')[0],
                    Run = slot.Run is null ? null : Run(slot.Run),
                    Attempt = slot.Attempt,
                }),
            ],
        };

    /// <summary>The pool with three silos of two slots each; after every step all that must always hold is checked.</summary>
    private sealed class World
    {
        private readonly Dictionary<string, (string Run, int Attempt)> _working = [];
        private readonly long[] _incarnations = [1, 1, 1];
        private readonly HashSet<string> _leaseIds = [];
        private SlotLeasing _leasing = Empty();
        private DateTimeOffset _now = Start;
        private int _attempt;

        public void Take((int Kind, int Run, int Silo, int Amount) step)
        {
            var run = Run($"r{step.Run}");
            switch (step.Kind)
            {
                case 0:
                case 1:
                    var before = _leasing.Queue.Count;
                    var known = _leasing.Knows(run);
                    var taken = Enqueue(_leasing, run.Value, step.Run % 3 == 0 ? "cuda" : "cpu");
                    Assert.Equal(known || before < QueueLimit, taken);
                    break;
                case 2:
                    _leasing.Remove(run);
                    Assert.False(_leasing.Knows(run));
                    break;
                case 3:
                case 4:
                    _leasing.Observe(ReportOf(step.Silo), _now);
                    break;
                case 5:
                    Grant();
                    break;
                case 6:
                    _now += TimeSpan.FromSeconds(step.Amount);
                    _leasing.Expire(_now);
                    break;
                case 7:
                    _incarnations[step.Silo]++;
                    foreach (
                        var slot in _working
                            .Keys.Where(s =>
                                s.StartsWith($"s{step.Silo}/", StringComparison.Ordinal)
                            )
                            .ToList()
                    )
                        _working.Remove(slot);
                    break;
                case 8:
                    if (_leasing.FindLease(run) is { Attempt: > 0 } lease)
                    {
                        _working.Remove(lease.Slot);
                        _leasing.End(run, lease.Attempt, requeue: step.Amount % 2 == 0);
                    }
                    else if (
                        _leasing.Queue.FirstOrDefault(q => q.Run == run) is
                        { LostAttempt: > 0 } lost
                    )
                        _leasing.AcknowledgeLoss(run, lost.LostAttempt);
                    break;
                default:
                    // The pool's activation moves: what is kept must be enough.
                    _leasing = new SlotLeasing(
                        Rules,
                        _leasing.LastTicket,
                        _leasing.LastLease,
                        [.. _leasing.Queue],
                        [.. _leasing.Leases],
                        _now
                    );
                    break;
            }
            Check();
        }

        private void Grant()
        {
            var waiting = _leasing.Queue.ToList();
            var granted = _leasing.Grant(_now);
            foreach (var lease in granted)
            {
                Assert.True(_leaseIds.Add(lease.LeaseId), "a lease's id was used twice");
                Assert.Equal(lease.Accelerator, lease.Slot.Split('/')[1].Split(':')[0]);
                // Nobody who came earlier, and could have had the slot, was passed over.
                Assert.DoesNotContain(
                    waiting,
                    other =>
                        other.Ticket < lease.Ticket
                        && other.Accelerator == lease.Accelerator
                        && other.LostAttempt == 0
                        && !granted.Any(g => g.Run == other.Run)
                );
                _attempt++;
                Assert.True(_leasing.Begin(lease.LeaseId, lease.Run, _attempt));
                _working[lease.Slot] = (lease.Run.Value, _attempt);
            }
        }

        private SiloSlotsReport ReportOf(int silo) =>
            Report(
                $"s{silo}",
                _incarnations[silo],
                [
                    .. new[] { "cpu:0", silo == 0 ? "cuda:0" : "cpu:1" }.Select(device =>
                        _working.TryGetValue($"s{silo}/{device}", out var work)
                            ? (device, (string?)work.Run, work.Attempt)
                            : (device, null, 0)
                    ),
                ]
            );

        private void Check()
        {
            var leases = _leasing.Leases;
            Assert.Equal(leases.Count, leases.Select(lease => lease.Slot).Distinct().Count());
            Assert.Equal(leases.Count, leases.Select(lease => lease.Run).Distinct().Count());
            Assert.Equal(
                _leasing.Queue.Count,
                _leasing.Queue.Select(waiting => waiting.Run).Distinct().Count()
            );
            Assert.DoesNotContain(
                _leasing.Queue,
                waiting => leases.Any(lease => lease.Run == waiting.Run)
            );
            // New runs are bounded; those that lost a lease come on top, at most one a slot.
            Assert.InRange(_leasing.Queue.Count, 0, QueueLimit + 6);
            var position = 0;
            foreach (var waiting in _leasing.Queue)
                Assert.Equal(++position, _leasing.Position(waiting.Run));
            Assert.Equal(
                _leasing.Queue.Select(q => q.Ticket).Order(),
                _leasing.Queue.Select(q => q.Ticket)
            );
        }
    }
}
