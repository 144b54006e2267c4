using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Models;
using OrleansMl.Grains.Tests.Operations;
using OrleansMl.Grains.Tests.Serving;

namespace OrleansMl.Grains.Tests.Models;

public sealed class ModelGrainTests
{
    [Fact]
    public async Task Versions_count_from_one_and_the_same_command_gives_the_first_answer()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var model = cluster.Model("churn");

        Assert.Null(await model.GetAsync(GrainCluster.Cancel));
        var first = await model.RegisterVersionAsync(
            TestModels.Registration("c1"),
            GrainCluster.Cancel
        );
        var second = await model.RegisterVersionAsync(
            TestModels.Registration("c2"),
            GrainCluster.Cancel
        );
        var again = await model.RegisterVersionAsync(
            TestModels.Registration("c1"),
            GrainCluster.Cancel
        );

        Assert.Equal("churn@1", first.Id.ToString());
        Assert.Equal("churn@2", second.Id.ToString());
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(first.CreatedAt, again.CreatedAt);
        Assert.Equal(2, (await model.GetAsync(GrainCluster.Cancel))!.LatestVersion);
        await Assert.ThrowsAsync<ConflictException>(() =>
            model.RegisterVersionAsync(
                TestModels.Registration("c1") with
                {
                    Onnx = TestModels.Artifact("other"),
                },
                GrainCluster.Cancel
            )
        );
        Assert.Contains(first.Onnx, cluster.References.Of("model/churn@1"));
        Assert.Contains(first.Weights!.Value, cluster.References.Of("model/churn@1"));
    }

    [Fact]
    public async Task A_model_and_its_versions_have_rows_that_lists_can_read()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster
            .Model("churn")
            .RegisterVersionAsync(
                TestModels.Registration("c1", 0.93, "accuracy >= 0.9"),
                GrainCluster.Cancel
            );

        var model = JsonSerializer.Deserialize<ModelSummary>(
            cluster.Catalog.Find(CatalogKinds.Model, "churn")!.Summary,
            ContractsJson.Options
        )!;
        var version = JsonSerializer.Deserialize<ModelVersionSummary>(
            cluster.Catalog.Find(CatalogKinds.ModelVersion, "churn@1")!.Summary,
            ContractsJson.Options
        )!;

        Assert.Equal(1, model.LatestVersion);
        Assert.Equal(1, model.Aliases["champion"]);
        Assert.Equal(0.93, version.Metrics["accuracy"]);
        Assert.Equal("test", version.Split);
        Assert.True(version.Promoted);
    }

    [Fact]
    public async Task The_champion_moves_only_to_a_version_that_keeps_the_rules()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var model = cluster.Model("churn");
        string[] rules = ["accuracy >= 0.8 and accuracy >= champion.accuracy"];

        var bad = await model.RegisterVersionAsync(
            TestModels.Registration("c1", 0.7, rules),
            GrainCluster.Cancel
        );
        var first = await model.RegisterVersionAsync(
            TestModels.Registration("c2", 0.9, rules),
            GrainCluster.Cancel
        );
        var worse = await model.RegisterVersionAsync(
            TestModels.Registration("c3", 0.85, rules),
            GrainCluster.Cancel
        );
        var better = await model.RegisterVersionAsync(
            TestModels.Registration("c4", 0.95, rules),
            GrainCluster.Cancel
        );

        Assert.False(bad.Promotion!.Promoted);
        Assert.Contains("0.7", bad.Promotion.Reason, StringComparison.Ordinal);
        Assert.True(first.Promotion!.Promoted);
        Assert.Contains("no champion yet", first.Promotion.Reason, StringComparison.Ordinal);
        Assert.False(worse.Promotion!.Promoted);
        Assert.Equal(2, worse.Promotion.Previous);
        Assert.True(better.Promotion!.Promoted);
        var snapshot = (await model.GetAsync(GrainCluster.Cancel))!;
        Assert.Equal(4, snapshot.Aliases["champion"]);
        Assert.Equal([4, 2], snapshot.History.Select(change => change.To!.Value));
        Assert.Equal(better.Promotion.Reason, snapshot.History[0].Reason);
        Assert.Equal(4, await model.ResolveAsync("", GrainCluster.Cancel));
        Assert.Equal(3, await model.ResolveAsync("3", GrainCluster.Cancel));
        Assert.Equal(4, await model.ResolveAsync("latest", GrainCluster.Cancel));
        Assert.Null(await model.ResolveAsync("5", GrainCluster.Cancel));
        Assert.Null(await model.ResolveAsync("challenger", GrainCluster.Cancel));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_read_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            cluster
                .Model("churn")
                .RegisterVersionAsync(
                    TestModels.Registration("c1", 0.9, "accuracy >> 0.9"),
                    GrainCluster.Cancel
                )
        );

        Assert.Contains("column 11", error.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Model("churn").GetAsync(GrainCluster.Cancel));
        Assert.Empty(cluster.References.Of("model/churn@1"));
    }

    [Fact]
    public async Task A_signature_that_allows_missing_values_where_none_can_be_told_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var registration = TestModels.Registration("c1");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            cluster
                .Model("churn")
                .RegisterVersionAsync(
                    registration with
                    {
                        Signature = registration.Signature with
                        {
                            Inputs =
                            [
                                registration.Signature.Inputs[0] with
                                {
                                    Datatype = "BOOL",
                                    AllowsMissing = true,
                                },
                            ],
                        },
                    },
                    GrainCluster.Cancel
                )
        );

        Assert.Contains("'x' of datatype BOOL", error.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Model("churn").GetAsync(GrainCluster.Cancel));
    }

    [Fact]
    public async Task An_alias_moves_with_history_and_only_from_where_it_is_expected()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var model = cluster.Model("churn");
        for (var i = 1; i <= 3; i++)
            await model.RegisterVersionAsync(TestModels.Registration($"c{i}"), GrainCluster.Cancel);

        await model.MoveAliasAsync(Move("m1", 1, expected: 0), GrainCluster.Cancel);
        var second = await model.MoveAliasAsync(Move("m2", 2, expected: 1), GrainCluster.Cancel);
        var conflict = await Assert.ThrowsAsync<ConflictException>(() =>
            model.MoveAliasAsync(Move("m3", 3, expected: 1), GrainCluster.Cancel)
        );
        await model.MoveAliasAsync(Move("m4", null), GrainCluster.Cancel);
        var again = await model.MoveAliasAsync(Move("m2", 2, expected: 1), GrainCluster.Cancel);

        Assert.Contains("version 2", conflict.Message, StringComparison.Ordinal);
        Assert.Equal(2, second.Aliases["canary"]);
        Assert.Equal(2, again.Aliases["canary"]);
        Assert.Equal(second.History, again.History);
        var now = (await model.GetAsync(GrainCluster.Cancel))!;
        Assert.Empty(now.Aliases);
        Assert.Equal([null, 2, 1], now.History.Select(change => change.To));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            model.MoveAliasAsync(Move("m5", 9), GrainCluster.Cancel)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            model.MoveAliasAsync(Move("m6", 1) with { Alias = "7" }, GrainCluster.Cancel)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_write_fails_a_repeated_registration_makes_exactly_one_version(
        bool afterTheWrite
    )
    {
        await using var cluster = await GrainCluster.StartAsync();
        var struck = true;
        for (var n = 1; struck; n++)
        {
            Assert.True(n < 100, "The sweep did not come to an end.");
            var model = cluster.Model($"churn-{n}");
            cluster.Faults.Arm(n, afterTheWrite);
            var version = await GrainCluster.RetryAsync(() =>
                model.RegisterVersionAsync(
                    TestModels.Registration("c1", 0.9, "accuracy > 0.5"),
                    GrainCluster.Cancel
                )
            );
            struck = cluster.Faults.Struck;
            cluster.Faults.Disarm();
            // The activation may go at any moment: what was answered is durable.
            await cluster.DeactivateAsync(model);

            Assert.Equal(1, version.Id.Version);
            var snapshot = (await model.GetAsync(GrainCluster.Cancel))!;
            Assert.Equal(1, snapshot.LatestVersion);
            Assert.Equal(1, snapshot.Aliases["champion"]);
            Assert.Single(snapshot.History);
            var record = (await model.GetVersionAsync(1, GrainCluster.Cancel))!;
            Assert.Equal(version.Onnx, record.Onnx);
            Assert.Equal(version.CreatedAt, record.CreatedAt);
            Assert.Contains(version.Onnx, cluster.References.Of($"model/churn-{n}@1"));
            Assert.NotNull(cluster.Catalog.Find(CatalogKinds.Model, $"churn-{n}"));
        }
    }

    [Fact]
    public async Task A_registration_that_died_half_way_is_completed_before_the_next()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var model = cluster.Model("churn");
        // The version's record can't be written, so the number is given and no more.
        cluster.Faults.Arm(1, after: false, only: "state model-version");
        await Assert.ThrowsAsync<UnavailableException>(() =>
            model.RegisterVersionAsync(TestModels.Registration("c1"), GrainCluster.Cancel)
        );
        Assert.True(cluster.Faults.Struck);
        await cluster.DeactivateAsync(model);

        var second = await model.RegisterVersionAsync(
            TestModels.Registration("c2"),
            GrainCluster.Cancel
        );
        var first = await model.RegisterVersionAsync(
            TestModels.Registration("c1"),
            GrainCluster.Cancel
        );

        Assert.Equal(2, second.Id.Version);
        Assert.Equal(1, first.Id.Version);
        Assert.Equal(TestModels.Artifact("onnx c1"), first.Onnx);
    }

    [Fact]
    public async Task The_state_does_not_grow_with_the_number_of_versions()
    {
        await using var cluster = await GrainCluster.StartAsync(services =>
            services.Configure<ModelOptions>(options =>
            {
                options.RecentCommands = 16;
                options.HistoryLimit = 16;
            })
        );
        var model = cluster.Model("churn");
        var grain = model.GetGrainId().ToString();
        var sizes = new List<int>();
        for (var i = 100; i < 300; i++)
        {
            await model.RegisterVersionAsync(
                TestModels.Registration($"c{i}", 0.9, "accuracy > 0"),
                GrainCluster.Cancel
            );
            sizes.Add(cluster.Storage.SizeOf(grain));
        }

        Assert.True(sizes[50] > 0);
        // Numbers get a digit longer, nothing else does.
        Assert.InRange(sizes[^1], sizes[50] - 200, sizes[50] + 200);
        Assert.Equal(200, (await model.GetAsync(GrainCluster.Cancel))!.LatestVersion);
    }

    private static AliasMove Move(string command, int? version, int? expected = null) =>
        new()
        {
            CommandId = command,
            Alias = "canary",
            Version = version,
            Expected = expected,
            Reason = "a test",
            By = "me",
        };
}
