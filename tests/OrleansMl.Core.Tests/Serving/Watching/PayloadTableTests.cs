using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Core.Tests.Serving.Watching;

public sealed class PayloadTableTests
{
    [Fact]
    public void Calls_become_rows_with_inputs_under_their_own_names()
    {
        var call = WatchWorld.Call([41, float.NaN], ["Oslo", null], [true, false], "r1");
        var table = new PayloadTable(call, new PayloadPolicy());

        Assert.True(table.TryAdd(call));
        Assert.True(table.TryAdd(WatchWorld.Call(5, "Bergen", id: "r2")));

        Assert.Equal(
            [
                ("call_id", ColumnKind.Text),
                ("call_row", ColumnKind.Integer),
                ("call_time", ColumnKind.Integer),
                ("call_version", ColumnKind.Integer),
                ("call_reference", ColumnKind.Text),
                ("age", ColumnKind.Number),
                ("city", ColumnKind.Text),
                ("output_churned", ColumnKind.Boolean),
            ],
            table.Schema.Select(c => (c.Name, c.Kind))
        );
        var batch = table.ToBatch();
        Assert.Equal(3, batch.Rows);
        Assert.Equal(["r1", "r1", "r2"], batch.Columns[0].Texts!);
        Assert.Equal([0, 1, 0], batch.Columns[1].Integers!);
        Assert.Equal(WatchWorld.Now.ToUnixTimeMilliseconds(), batch.Columns[2].Integers![0]);
        Assert.Equal([2, 2, 2], batch.Columns[3].Integers!);
        Assert.Equal([41, double.NaN, 5], batch.Columns[5].Numbers!);
        Assert.Equal(["Oslo", null, "Bergen"], batch.Columns[6].Texts!);
        Assert.Equal([true, false, false], batch.Columns[7].Booleans!);
    }

    [Fact]
    public void Excluded_columns_are_left_out_and_the_caller_is_kept_only_where_asked_for()
    {
        var call = WatchWorld.Call(41);
        var without = new PayloadTable(call, new PayloadPolicy { Exclude = ["city", "churned"] });
        var with = new PayloadTable(call, new PayloadPolicy { Caller = true });

        Assert.True(without.TryAdd(call));
        Assert.True(with.TryAdd(call));
        Assert.DoesNotContain(
            without.Schema,
            c => c.Name is "city" or "output_churned" or "call_caller"
        );
        var caller = with.Schema.Select(c => c.Name).ToList().IndexOf("call_caller");
        Assert.Equal(["ada"], with.ToBatch().Columns[caller].Texts!);
    }

    [Fact]
    public void A_call_with_other_tensors_begins_another_table_and_adds_nothing()
    {
        var call = WatchWorld.Call(41);
        var table = new PayloadTable(call, new PayloadPolicy());
        Assert.True(table.TryAdd(call));

        var renamed = call with { Inputs = [call.Inputs[0] with { Name = "years" }] };
        var more = call with { Inputs = [.. call.Inputs, call.Inputs[0] with { Name = "more" }] };

        Assert.False(table.TryAdd(renamed));
        Assert.False(table.TryAdd(more));
        Assert.Equal(1, table.Rows);
        Assert.True(new PayloadTable(renamed, new PayloadPolicy()).TryAdd(renamed));
    }

    [Fact]
    public void Images_vectors_and_whole_numbers_keep_their_form_and_what_has_none_is_left_out()
    {
        var call = WatchWorld.Call(1) with
        {
            Inputs =
            [
                WatchWorld.Data("image", "UINT8", [1, 2, 3, 4], 1, 2, 2, 1),
                WatchWorld.Data("vector", "FP32", new byte[12], 1, 3),
                WatchWorld.Data("number", "INT64", BitConverter.GetBytes(long.MinValue), 1, 1),
                WatchWorld.Data("texts", "BYTES", new byte[8], 1, 2),
            ],
            Outputs = [WatchWorld.Data("scalar", "FP32", new byte[4])],
        };
        var table = new PayloadTable(call, new PayloadPolicy());

        Assert.True(table.TryAdd(call));
        var columns = table.Schema.Skip(5).ToList();
        Assert.Equal(["image", "vector", "number"], columns.Select(c => c.Name));
        Assert.Equal([2, 2, 1], columns[0].Shape);
        Assert.Equal([3], columns[1].Shape);
        var batch = table.ToBatch();
        Assert.Equal([1, 2, 3, 4], batch.Columns[5].Pixels!);
        Assert.Equal([true], batch.Columns[7].Missing!);
    }

    [Fact]
    public void A_share_of_ids_is_sampled_and_the_same_id_always_alike()
    {
        var draws = Enumerable
            .Range(0, 20_000)
            .Select(i => CallSampling.Draw($"call-{i:x}"))
            .ToList();

        Assert.All(draws, draw => Assert.InRange(draw, 0, 0.9999999999999999));
        Assert.InRange(draws.Count(draw => draw < 0.1), 1_850, 2_150);
        Assert.Equal(CallSampling.Draw("a"), CallSampling.Draw("a"));
    }
}
