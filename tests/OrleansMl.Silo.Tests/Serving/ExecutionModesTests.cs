using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansMl.Client;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Engines.Onnx.Tests.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Silo.Operations;
using static OrleansMl.Engines.Onnx.Tests.Serving.OnnxBytes;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>One model and the same rows by every way that there is to an answer: the bits of the answers are the same.</summary>
public sealed class ExecutionModesTests : IAsyncLifetime
{
    private const string Name = "modes";
    private const int Rows = 37;
    private const int Classes = 5;
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-modes-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication _silo = null!;
    private DataDirectory _data = null!;
    private OrleansMlClient _client = null!;
    private Uri _url = null!;
    private Uri _grpc = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var configuration = SiloConfiguration.Load(
            SiloCommandLine.Parse([
                "--data",
                _folder,
                "--url",
                "http://127.0.0.1:0",
                "--grpc-url",
                "http://127.0.0.1:0",
                "--roles=gateway,serve",
                "--Silo:SiloPort",
                "0",
                "--Silo:GatewayPort",
                "0",
                "--Logging:Console:LogLevel:Default",
                "None",
            ]),
            new Dictionary<string, string?>()
        );
        _data = DataDirectory.Lock(_folder);
        var endpoints = SiloEndpoints.Resolve(configuration.Silo);
        _silo = SiloHost.Build(
            configuration,
            _data,
            endpoints,
            new SiloIdentity(Name, 1, new Dictionary<string, string>())
        );
        await SiloHost.PrepareDatabaseAsync(_silo, configuration, Token);
        await _silo.StartAsync(Token);
        (_url, _grpc) = (new Uri(endpoints.PublicUrl), new Uri(endpoints.PublicGrpcUrl!));
        _client = new OrleansMlClient(endpoints.PublicUrl);
        await _client.WaitUntilReadyAsync(Token);
        var onnx = Path.Combine(_folder, "modes.onnx");
        await File.WriteAllBytesAsync(onnx, Network(), Token);
        await _client.Models.ImportAsync(Name, onnx, cancellationToken: Token);
        var csv = Path.Combine(_folder, "rows.csv");
        await File.WriteAllLinesAsync(
            csv,
            [
                "id,a,b",
                .. Enumerable
                    .Range(0, Rows)
                    .Select(i =>
                        string.Create(CultureInfo.InvariantCulture, $"{i},{A(i):R},{B(i):R}")
                    ),
            ],
            Token
        );
        await _client.Datasets.ImportAsync(
            Name,
            [csv],
            new DatasetImportOptions { CommandId = "rows" },
            cancellationToken: Token
        );
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _http.Dispose();
        if (_silo is not null)
        {
            await _silo.StopAsync(CancellationToken.None);
            await _silo.DisposeAsync();
        }
        _data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_way_to_an_answer_gives_the_same_bits()
    {
        await _client.Pipelines.SaveAsync(
            "modes-alone",
            """
            steps: [{ name: only, model: modes }]
            outputs: { y: only.y }
            """,
            cancellationToken: Token
        );
        var expected = await ByGrainAsync();
        Assert.Equal(Rows * Classes, expected.Length);
        Assert.True(expected.Distinct().Count() > Rows, "the rows differ");

        foreach (
            var (way, answer) in new (string, Func<Task<float[]>>)[]
            {
                ("REST, JSON", () => ByJsonAsync(Name)),
                ("REST, binary", ByBinaryAsync),
                ("gRPC", ByGrpcAsync),
                ("a pipeline of one", () => ByJsonAsync("modes-alone")),
                ("a long-running job", ByJobAsync),
                ("a batch over the data set", ByBatchAsync),
                ("a schedule", ByScheduleAsync),
                ("an event", ByEventAsync),
            }
        )
        {
            var bits = MemoryMarshal.Cast<float, int>(await answer()).ToArray();
            Assert.True(
                MemoryMarshal.Cast<float, int>(expected).SequenceEqual(bits),
                $"{way} gives other bits"
            );
        }
    }

    private async Task<float[]> ByGrainAsync()
    {
        var response = await _silo
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IPredictorGrain>($"{Name}@1")
            .PredictAsync(
                new InferenceRequest { Inputs = [Tensor("a", A), Tensor("b", B)] },
                Token
            );
        return MemoryMarshal.Cast<byte, float>(response.Outputs.Single().Data.Span).ToArray();
    }

    private async Task<float[]> ByJsonAsync(string model)
    {
        using var response = await _http.PostAsync(
            new Uri(_url, $"v2/models/{model}/infer"),
            new StringContent(Json(), Encoding.UTF8, "application/json"),
            Token
        );
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode is HttpStatusCode.OK, text);
        return Numbers(JsonElement.Parse(text));
    }

    private async Task<float[]> ByBinaryAsync()
    {
        const string Header = "Inference-Header-Content-Length";
        var bytes = Rows * sizeof(float);
        var json = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(
                new
                {
                    inputs = new[] { "a", "b" }.Select(name => new
                    {
                        name,
                        datatype = "FP32",
                        shape = new[] { Rows, 1 },
                        parameters = new { binary_data_size = bytes },
                    }),
                    parameters = new { binary_data_output = true },
                }
            )
        );
        using var content = new ByteArrayContent([.. json, .. Bytes(A), .. Bytes(B)]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add(Header, $"{json.Length}");
        using var response = await _http.PostAsync(
            new Uri(_url, $"v2/models/{Name}/infer"),
            content,
            Token
        );
        var body = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        var headers = response.Headers.Concat(response.Content.Headers);
        var length = int.Parse(
            headers.Single(header => header.Key == Header).Value.Single(),
            CultureInfo.InvariantCulture
        );
        return MemoryMarshal.Cast<byte, float>(body.AsSpan(length)).ToArray();
    }

    private async Task<float[]> ByGrpcAsync()
    {
        using var channel = GrpcChannel.ForAddress(_grpc);
        var request = new ModelInferRequest { ModelName = Name };
        foreach (var (name, value) in new (string, Func<int, float>)[] { ("a", A), ("b", B) })
        {
            request.Inputs.Add(
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = name,
                    Datatype = "FP32",
                    Shape = { Rows, 1 },
                }
            );
            request.RawInputContents.Add(ByteString.CopyFrom(Bytes(value)));
        }
        var response = await new GRPCInferenceService.GRPCInferenceServiceClient(
            channel
        ).ModelInferAsync(request, cancellationToken: Token);
        return MemoryMarshal.Cast<byte, float>(response.RawOutputContents.Single().Span).ToArray();
    }

    private async Task<float[]> ByJobAsync()
    {
        var job = await _client.Jobs.SubmitRequestAsync(
            Name,
            Encoding.UTF8.GetBytes(Json()),
            jobId: "modes-job",
            cancellationToken: Token
        );
        await EndAsync(job.Id);
        var file = Path.Combine(_folder, "answer.json");
        await _client.Jobs.SaveResultAsync(job.Id, file, Token);
        return Numbers(JsonElement.Parse(await File.ReadAllTextAsync(file, Token)));
    }

    private async Task<float[]> ByBatchAsync()
    {
        var job = await _client.Jobs.SubmitAsync(
            "{model: modes, dataset: modes@latest, keep: [id], output: modes-batch}",
            "modes-batch",
            Token
        );
        return await RowsAsync((await EndAsync(job.Id)).ResultDataset!.Value);
    }

    private async Task<float[]> ByScheduleAsync()
    {
        await _client.Schedules.SetAsync(
            "modes",
            """
            cron: '@yearly'
            time_zone: Europe/Berlin
            batch: { model: modes, dataset: modes@latest, keep: [id], output: modes-scheduled }
            """,
            cancellationToken: Token
        );
        var firing = await _client.Schedules.RunAsync("modes", cancellationToken: Token);
        return await RowsAsync((await EndAsync(firing.Job!)).ResultDataset!.Value);
    }

    private async Task<float[]> ByEventAsync()
    {
        var topics = _client.Topics;
        await topics.PutAsync("modes-in", new TopicSpec { Partitions = 1 }, Token);
        await topics.PutAsync("modes-out", new TopicSpec { Partitions = 1 }, Token);
        await topics
            .Subscription("modes-in", "modes")
            .PutAsync(
                new SubscriptionSpec
                {
                    Model = Name,
                    Output = "modes-out",
                    Input = new EventMapping { Format = EventInputFormat.V2 },
                },
                Token
            );
        await topics.PublishAsync(
            "modes-in",
            [new EventRequest { Id = "e", Data = JsonElement.Parse(Json()) }],
            Token
        );
        var page = await topics.ReadAsync("modes-out", waitSeconds: 60, cancellationToken: Token);
        return Numbers(Assert.Single(page.Events).Data!.Value.GetProperty("response"));
    }

    private async Task<InferenceJobSnapshot> EndAsync(string job)
    {
        InferenceJobSnapshot? last = null;
        await foreach (var seen in _client.Jobs.WatchAsync(job, Token))
            last = seen;
        Assert.True(last!.Phase is InferenceJobPhase.Succeeded, $"{job}: {last.Error}");
        return last;
    }

    private async Task<float[]> RowsAsync(DatasetVersionId scored)
    {
        var preview = await _client.Datasets.PreviewAsync(
            scored.Name,
            scored.Version,
            limit: Rows + 1,
            cancellationToken: Token
        );
        Assert.Equal(Rows, preview.Rows.Count);
        return
        [
            .. preview
                .Rows.OrderBy(row => row.Values["id"].GetInt64())
                .SelectMany(row => row.Values["y"].EnumerateArray())
                .Select(value => value.GetSingle()),
        ];
    }

    private static float[] Numbers(JsonElement response)
    {
        var output = response.GetProperty("outputs")[0];
        Assert.Equal("y", output.GetProperty("name").GetString());
        return [.. Flat(output.GetProperty("data"))];
    }

    private static IEnumerable<float> Flat(JsonElement data) =>
        data.EnumerateArray()
            .SelectMany(item =>
                item.ValueKind is JsonValueKind.Array ? Flat(item) : [item.GetSingle()]
            );

    private static string Json() =>
        $$"""
            {"inputs":[{"name":"a","datatype":"FP32","shape":[{{Rows}},1],"data":[{{Values(A)}}]},
            {"name":"b","datatype":"FP32","shape":[{{Rows}},1],"data":[{{Values(B)}}]}]}
            """;

    private static string Values(Func<int, float> value) =>
        string.Join(
            ',',
            Enumerable
                .Range(0, Rows)
                .Select(i => value(i).ToString("R", CultureInfo.InvariantCulture))
        );

    private static InferenceTensor Tensor(string name, Func<int, float> value) =>
        new()
        {
            Name = name,
            Datatype = "FP32",
            Shape = [Rows, 1],
            Data = Bytes(value),
        };

    private static byte[] Bytes(Func<int, float> value) =>
        MemoryMarshal.AsBytes(Enumerable.Range(0, Rows).Select(value).ToArray().AsSpan()).ToArray();

    // Values whose sums are not exact, so that another order of adding would show.
    private static float A(int row) => MathF.Sin((0.37f * row) + 0.1f);

    private static float B(int row) => MathF.Cos(0.91f * row) / 3;

    /// <summary>a, b FP32 N×1 → softmax of five sums of both.</summary>
    private static byte[] Network() =>
        Model(
            Graph(
                Node("Concat", ["a", "b"], ["x"], IntegerAttribute("axis", 1)),
                Node("MatMul", ["x", "w"], ["s"]),
                Node("Softmax", ["s"], ["y"], IntegerAttribute("axis", 1)),
                Constant(
                    "w",
                    OnnxBytes.Float,
                    [2, Classes],
                    Raw([0.3f, -1.7f, 0.9f, 2.1f, -0.4f, 1.1f, 0.7f, -0.6f, 0.2f, -2.3f])
                ),
                Input("a", OnnxBytes.Float, "N", 1),
                Input("b", OnnxBytes.Float, "N", 1),
                Output("y", OnnxBytes.Float, "N", Classes)
            )
        );
}
