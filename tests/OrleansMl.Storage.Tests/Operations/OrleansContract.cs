using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>Real silos whose membership, state and reminders are in our tables.</summary>
public abstract class OrleansContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    [Fact]
    public async Task State_outlives_the_silo_and_holds_no_type_names()
    {
        await using (var silo = await StartAsync("a"))
            await silo.Grain("g").SetAsync("one", Token);

        await using var second = await StartAsync("b");

        Assert.Equal("one", await second.Grain("g").GetAsync(Token));
        var payload = await ScalarAsync("SELECT PayloadBinary FROM OrleansStorage");
        Assert.Equal("{\"value\":\"one\"}", System.Text.Encoding.UTF8.GetString((byte[])payload!));
    }

    [Fact]
    public async Task A_write_over_a_state_that_changed_meanwhile_is_inconsistent()
    {
        await using var silo = await StartAsync("a");
        await silo.Grain("g").SetAsync("one", Token);
        await RunAsync("UPDATE OrleansStorage SET Version = Version + 1");

        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            silo.Grain("g").SetAsync("two", Token)
        );

        // The activation was ended by the conflict; the next one reads what is there.
        Assert.Equal("one", await silo.Grain("g").GetAsync(Token));
        await silo.Grain("g").SetAsync("three", Token);
        Assert.Equal("three", await silo.Grain("g").GetAsync(Token));
    }

    [Fact]
    public async Task Of_two_first_writes_of_one_state_one_is_inconsistent()
    {
        await using var silo = await StartAsync("a");
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>("oml");
        var id = GrainId.Create("probe", "raced");

        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Task.Run(
                        async () =>
                        {
                            var state = new GrainState<ProbeState>(new ProbeState($"{i}"));
                            try
                            {
                                await storage.WriteStateAsync("probe", id, state, Token);
                                return true;
                            }
                            catch (InconsistentStateException)
                            {
                                return false;
                            }
                        },
                        Token
                    )
                )
        );

        Assert.Single(outcomes, written => written);
    }

    [Fact]
    public async Task Cleared_state_reads_as_none_and_can_be_written_again()
    {
        await using var silo = await StartAsync("a");
        await silo.Grain("g").SetAsync("one", Token);
        await silo.Grain("g").ClearAsync(Token);
        Assert.Equal("", await silo.Grain("g").GetAsync(Token));

        await silo.Grain("g").SetAsync("two", Token);

        Assert.Equal("two", await silo.Grain("g").GetAsync(Token));
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM OrleansStorage"));
    }

    [Fact]
    public async Task A_reminder_is_registered_changed_found_and_removed()
    {
        await using var silo = await StartAsync("a");
        var table = silo.Host.Services.GetRequiredService<IReminderTable>();
        var grain = silo.Grain("g");
        await grain.RemindAsync(TimeSpan.FromHours(2), Token);
        await grain.RemindAsync(TimeSpan.FromDays(40), Token);
        await silo.Grain("h").RemindAsync(TimeSpan.FromHours(1), Token);

        var row = await table.ReadRow(grain.GetGrainId(), "probe", Token);
        Assert.Equal(TimeSpan.FromDays(40), row?.Period);
        Assert.Single((await table.ReadRows(grain.GetGrainId(), Token)).Reminders);
        var hash = grain.GetGrainId().GetUniformHashCode();
        Assert.Single((await table.ReadRows(hash - 1, hash, Token)).Reminders);
        Assert.Equal(2, (await table.ReadRows(hash, hash, Token)).Reminders.Count);

        Assert.False(await table.RemoveRow(grain.GetGrainId(), "probe", "77", Token));
        await grain.ForgetAsync(Token);
        Assert.Null(await table.ReadRow(grain.GetGrainId(), "probe", Token));
    }

    [Fact]
    public async Task Two_silos_find_each_other_and_a_stopped_one_leaves_the_view()
    {
        await using var first = await StartAsync("a");
        await using (await StartAsync("b"))
        {
            Assert.Equal(2, (await first.HostsAsync()).Count);
        }

        Assert.Single(await first.HostsAsync());
        Assert.Equal(
            1L,
            await ScalarAsync("SELECT count(*) FROM OrleansMembershipTable WHERE Status = 3")
        );
    }

    [Fact]
    public async Task Membership_changes_row_and_version_together_or_not_at_all()
    {
        await using var silo = await StartAsync("a");
        var table = silo.Host.Services.GetRequiredService<IMembershipTable>();
        var before = await table.ReadAllAsync(Token);
        var entry = Entry(1);

        Assert.True(await table.InsertRowAsync(entry, before.Version.Next(), Token));
        var inserted = await table.ReadAllAsync(Token);
        Assert.Equal(before.Version.Version + 1, inserted.Version.Version);
        Assert.False(await table.InsertRowAsync(Entry(2), before.Version.Next(), Token));
        Assert.False(await table.InsertRowAsync(entry, inserted.Version.Next(), Token));
        Assert.False(
            await table.UpdateRowAsync(
                entry,
                before.Version.VersionEtag,
                before.Version.Next(),
                Token
            )
        );
        Assert.False(
            await table.UpdateRowAsync(
                Entry(3),
                inserted.Version.VersionEtag,
                inserted.Version.Next(),
                Token
            )
        );
        var unchanged = await table.ReadAllAsync(Token);
        Assert.Equal(inserted.Version.VersionEtag, unchanged.Version.VersionEtag);
        Assert.Equal(2, unchanged.Members.Count);

        entry.Status = SiloStatus.Dead;
        entry.AddSuspector(Entry(4).SiloAddress, entry.StartTime);
        Assert.True(
            await table.UpdateRowAsync(
                entry,
                inserted.Version.VersionEtag,
                inserted.Version.Next(),
                Token
            )
        );
        var row = await table.ReadRowAsync(entry.SiloAddress, Token);
        Assert.Equal(SiloStatus.Dead, row.Members[0].Item1.Status);
        Assert.Single(row.Members[0].Item1.SuspectTimes!);
        Assert.Equal(inserted.Version.Version + 1, row.Version.Version);
    }

    [Fact]
    public async Task A_heartbeat_leaves_the_version_and_a_cleanup_takes_only_the_old_dead()
    {
        await using var silo = await StartAsync("a");
        var table = silo.Host.Services.GetRequiredService<IMembershipTable>();
        var dead = Entry(1);
        await table.InsertRowAsync(dead, (await table.ReadAllAsync(Token)).Version.Next(), Token);
        dead.Status = SiloStatus.Dead;
        var joined = (await table.ReadAllAsync(Token)).Version;
        Assert.True(await table.UpdateRowAsync(dead, joined.VersionEtag, joined.Next(), Token));
        var stuck = Entry(2);
        await table.InsertRowAsync(stuck, (await table.ReadAllAsync(Token)).Version.Next(), Token);
        var version = (await table.ReadAllAsync(Token)).Version.Version;

        stuck.IAmAliveTime = stuck.IAmAliveTime.AddSeconds(7);
        await table.UpdateIAmAliveAsync(stuck, Token);
        await table.CleanupDefunctSiloEntriesAsync(
            new DateTimeOffset(stuck.IAmAliveTime.AddHours(1), TimeSpan.Zero),
            Token
        );

        var after = await table.ReadAllAsync(Token);
        Assert.Equal(version, after.Version.Version);
        Assert.DoesNotContain(after.Members, m => m.Item1.SiloAddress.Equals(dead.SiloAddress));
        var kept = Assert.Single(after.Members, m => m.Item1.SiloAddress.Equals(stuck.SiloAddress));
        Assert.Equal(stuck.IAmAliveTime, kept.Item1.IAmAliveTime);
    }

    private static MembershipEntry Entry(int generation) =>
        new()
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 4000 + generation, generation),
            SiloName = $"silo-{generation}",
            HostName = "host",
            Status = SiloStatus.Joining,
            ProxyPort = 0,
            StartTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            IAmAliveTime = new DateTime(2026, 1, 1, 0, 0, 1, DateTimeKind.Utc),
        };

    private Task<int> RunAsync(string sql) =>
        Db.Get<Database>().ExecuteAsync("test", (c, token) => c.RunAsync(sql, token), Token);

    private Task<object?> ScalarAsync(string sql) =>
        Db.Get<Database>().ExecuteAsync("test", (c, token) => c.ScalarAsync(sql, token), Token);

    private Task<TestSilo> StartAsync(string name) => TestSilo.StartAsync(name, Db.Options);
}
