using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansMl.Engines.Onnx.Tests.Serving;
using OrleansMl.Silo.Tests.Operations;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>A sequence and a cache on a real silo: its engine, its database, its death.</summary>
public sealed class SequenceProcessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-test-").FullName;
    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sequence_survives_kill_9_and_an_answered_call_is_applied_once()
    {
        using (var silo = await SiloProcess.StartAsync(_directory))
        {
            await SetUpAsync(silo);
            Assert.Equal(
                1,
                await SumAsync(silo, 1, """{"sequence_id":7,"sequence_start":true}""", "a")
            );
            Assert.Equal(3, await SumAsync(silo, 2, """{"sequence_id":7}""", "b"));
            await silo.KillAsync();
            Assert.Equal(2, await RowsAsync());
        }
        using var again = await SiloProcess.StartAsync(_directory);

        // Its answer might not have arrived: it is asked for again.
        Assert.Equal(3, await SumAsync(again, 2, """{"sequence_id":7}""", "b"));
        Assert.Equal(7, await SumAsync(again, 4, """{"sequence_id":7}""", "c"));
        // The end clears the row, and the next beginning writes it anew, all in one activation.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(
                8 + i,
                await SumAsync(again, 1, """{"sequence_id":7,"sequence_end":true}""")
            );
            var (status, error) = await CallAsync(again, 1, """{"sequence_id":7}""");
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("is not running", error, StringComparison.Ordinal);
            Assert.Equal(
                7 + i + 1,
                await SumAsync(again, 7 + i + 1, """{"sequence_id":7,"sequence_start":true}""")
            );
        }
        Assert.Equal(10, await SumAsync(again, 0, """{"sequence_id":7,"sequence_end":true}"""));
        // Plain calls bring the state, and equal ones are answered from memory.
        var (_, first) = await CallAsync(again, 1, "{}", total: 5);
        var (_, second) = await CallAsync(again, 1, "{}", total: 5);
        Assert.Equal(6, SumOf(first));
        Assert.Equal(first, second);
        var statistics = await _http.GetStringAsync(
            new Uri(again.Url, "v2/models/sums/stats"),
            Token
        );
        using var document = JsonDocument.Parse(statistics);
        Assert.Equal(
            1,
            document
                .RootElement.GetProperty("model_stats")[0]
                .GetProperty("inference_stats")
                .GetProperty("cache_hit")
                .GetProperty("count")
                .GetInt64()
        );
        Assert.Equal(0, await again.StopAsync());
        // Nothing of a sequence that ended stays.
        Assert.Equal(0, await RowsAsync());
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Sequences' states and reminders in the database.</summary>
    private async Task<long> RowsAsync()
    {
        var database = Assert.Single(
            Directory.EnumerateFiles(_directory, "*.db", SearchOption.AllDirectories)
        );
        await using var connection = new SqliteConnection(
            $"Data Source={database};Mode=ReadOnly;Pooling=false"
        );
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT (SELECT COUNT(*) FROM OrleansStorage WHERE GrainTypeString LIKE '%model-sequence%') + (SELECT COUNT(*) FROM OrleansRemindersTable WHERE GrainId LIKE '%model-sequence%')";
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private async Task SetUpAsync(SiloProcess silo)
    {
        var onnx = OnnxBytes.Model(
            OnnxBytes.Graph(
                OnnxBytes.Node("Add", ["x", "total"], ["y"]),
                OnnxBytes.Node("Identity", ["y"], ["total_out"]),
                OnnxBytes.Input("x", OnnxBytes.Float, "N", 1),
                OnnxBytes.Input("total", OnnxBytes.Float, "N", 1),
                OnnxBytes.Output("y", OnnxBytes.Float, "N", 1),
                OnnxBytes.Output("total_out", OnnxBytes.Float, "N", 1)
            )
        );
        using var imported = await _http.PostAsync(
            new Uri(silo.Url, "api/v1/models/sums/import"),
            new ByteArrayContent(onnx)
            {
                Headers = { ContentType = new("application/octet-stream") },
            },
            Token
        );
        Assert.True(imported.IsSuccessStatusCode, await imported.Content.ReadAsStringAsync(Token));
        using var set = await _http.PutAsync(
            new Uri(silo.Url, "api/v1/models/sums/serving"),
            Json(
                """{"policy":{"sequences":{"states":[{"input":"total","output":"total_out"}]},"cache":{}}}"""
            ),
            Token
        );
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync(Token));
    }

    private async Task<float> SumAsync(
        SiloProcess silo,
        float value,
        string parameters,
        string? id = null
    )
    {
        var (status, text) = await CallAsync(silo, value, parameters, id);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {text}");
        return SumOf(text);
    }

    private static float SumOf(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        return document
            .RootElement.GetProperty("outputs")
            .EnumerateArray()
            .Single(output => output.GetProperty("name").GetString() == "y")
            .GetProperty("data")[0]
            .GetSingle();
    }

    private async Task<(HttpStatusCode Status, string Text)> CallAsync(
        SiloProcess silo,
        float value,
        string parameters,
        string? id = null,
        float? total = null
    )
    {
        var inputs = Tensor("x", value) + (total is { } sum ? $",{Tensor("total", sum)}" : "");
        using var response = await _http.PostAsync(
            new Uri(silo.Url, "v2/models/sums/infer"),
            Json($$"""{"id":"{{id}}","parameters":{{parameters}},"inputs":[{{inputs}}]}"""),
            Token
        );
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private static string Tensor(string name, float value) =>
        $$"""{"name":"{{name}}","shape":[1,1],"datatype":"FP32","data":[{{value.ToString(CultureInfo.InvariantCulture)}}]}""";

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
