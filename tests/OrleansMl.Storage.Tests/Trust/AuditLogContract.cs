using System.Data.Common;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Trust;

public abstract class AuditLogContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private IAuditLog Log => Db.Get<IAuditLog>();

    [Fact]
    public async Task Records_read_newest_first_page_by_page()
    {
        for (var i = 0; i < 7; i++)
            await Log.RecordAsync(new AuditEntry($"a{i}", "model.alias.move", "model/m"), Token);

        var first = await Log.ListAsync(new AuditQuery(Limit: 4), Token);
        var rest = await Log.ListAsync(new AuditQuery(Before: first[^1].Id, Limit: 4), Token);

        Assert.Equal(
            ["a6", "a5", "a4", "a3", "a2", "a1", "a0"],
            first.Concat(rest).Select(record => record.Actor)
        );
    }

    [Fact]
    public async Task A_repeated_record_of_a_request_is_one_and_its_outcome_another()
    {
        var asked = new AuditEntry("ci", "key.create", "key/x", AuditOutcome.Asked, Request: "r1");
        await Log.RecordAsync(asked, Token);
        await Log.RecordAsync(asked, Token);
        await Log.RecordAsync(asked with { Outcome = AuditOutcome.Done, Detail = "d" }, Token);

        var records = await Log.ListAsync(new AuditQuery(Request: "r1"), Token);

        Assert.Equal(
            [AuditOutcome.Done, AuditOutcome.Asked],
            records.Select(record => record.Outcome)
        );
        Assert.Equal("d", records[0].Detail);
    }

    [Fact]
    public async Task Actor_action_subject_and_time_filter_together()
    {
        await Log.RecordAsync(new AuditEntry("ci", "model.alias.move", "model/a"), Token);
        await Log.RecordAsync(new AuditEntry("ci", "model.policy.set", "model/b"), Token);
        await Log.RecordAsync(new AuditEntry("ci", "key.create", "key/a"), Token);
        await Log.RecordAsync(new AuditEntry("ann", "model.alias.move", "model/a"), Token);

        var found = await Log.ListAsync(
            new AuditQuery("ci", "model.", "model/", From: DateTimeOffset.UnixEpoch),
            Token
        );

        Assert.Equal(["model/b", "model/a"], found.Select(record => record.Subject));
        Assert.Empty(await Log.ListAsync(new AuditQuery(To: DateTimeOffset.UnixEpoch), Token));
    }

    [Theory]
    [InlineData("UPDATE oml_audit SET actor = 'nobody'")]
    [InlineData("DELETE FROM oml_audit")]
    public async Task The_table_takes_no_change(string sql)
    {
        await Log.RecordAsync(new AuditEntry("ci", "key.create", "key/x"), Token);

        var refused = await Assert.ThrowsAnyAsync<DbException>(() =>
            Db.Get<Database>()
                .ExecuteAsync(
                    "tamper",
                    (connection, token) => connection.RunAsync(sql, token),
                    Token
                )
        );

        Assert.Contains("append-only", refused.Message);
        Assert.Equal("ci", Assert.Single(await Log.ListAsync(new AuditQuery(), Token)).Actor);
    }

    [Fact]
    public async Task Long_texts_are_cut_and_foreign_characters_kept()
    {
        await Log.RecordAsync(
            new AuditEntry("ü'\0", "a", "s", Detail: new string('x', 10_000)),
            Token
        );

        var record = Assert.Single(await Log.ListAsync(new AuditQuery(), Token));

        Assert.Equal("ü'\uFFFD", record.Actor);
        Assert.Equal(4000, record.Detail.Length);
    }

    [Fact]
    public async Task Silos_that_start_together_share_one_cluster_key()
    {
        var keys = Db.Get<IClusterKeys>();

        var read = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => keys.ReadAsync(Token)));

        Assert.Equal(32, read[0].Single().Secret.Length);
        Assert.Single(
            read.Select(some => Convert.ToHexString(some.Single().Secret.Span)).Distinct()
        );
    }
}
