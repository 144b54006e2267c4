using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Tests.Operations;

public sealed partial class SiloProcessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-test-").FullName;
    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_starts_on_an_empty_folder_survives_a_kill_and_leaves_on_request()
    {
        long first;
        using (var silo = await SiloProcess.StartAsync(_directory))
        {
            first = silo.Incarnation;
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "health/live"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "health/ready"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "api/v1/status"));
            Assert.Contains(
                "orleans_",
                await _http.GetStringAsync(new Uri(silo.Url, "metrics"), Token)
            );
            var (code, output) = await SiloProcess.RunAsync("--data", _directory);
            Assert.Equal(2, code);
            Assert.Contains("Silo:DataDirectory", output);
            await silo.KillAsync();
        }
        using var again = await SiloProcess.StartAsync(_directory);
        Assert.True(again.Incarnation > first);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(again, "health/ready"));
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task A_silo_takes_gRPCs_HTTP_on_a_free_port_that_its_record_names()
    {
        using var silo = await SiloProcess.StartAsync(
            _directory,
            "--grpc-url",
            "http://127.0.0.1:0"
        );
        using var record = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(_directory, "silo.json"), Token)
        );
        var grpc = record.RootElement.GetProperty("grpcUrl").GetString()!;
        Assert.NotEqual(silo.Url.Port, new Uri(grpc).Port);
        // An empty message: no compression, length 0.
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            $"{grpc}/inference.GRPCInferenceService/ServerReady"
        )
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5])
            {
                Headers = { ContentType = new("application/grpc") },
            },
        };
        using var response = await _http.SendAsync(request, Token);

        // Field 1, true.
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "health/ready"));
    }

    [Fact]
    public async Task A_silo_without_the_role_gateway_has_health_for_all_and_metrics_for_those_with_a_key()
    {
        const string key = "a key of this test";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        using var silo = await SiloProcess.StartAsync(
            _directory,
            "--roles",
            "serve",
            "--Security:ApiKeys",
            digest
        );

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "health/ready"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "metrics"));
        _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(silo, "api/v1/status"));
    }

    [Theory]
    [InlineData("--Silo:SiloPort", "x", "Silo:SiloPort")]
    [InlineData("--url", "http://0.0.0.0:9", "Security:ApiKeys")]
    [InlineData("--OrleansMl:TrainingPool:QueueLimit", "0", "QueueLimit")]
    [InlineData("--Gateway:MaxUploadBytes", "0", "Gateway:MaxUploadBytes")]
    public async Task A_wrong_configuration_ends_with_2_and_names_the_key(
        string key,
        string value,
        string expected
    )
    {
        var (code, output) = await SiloProcess.RunAsync("--data", _directory, key, value);

        Assert.Equal(2, code);
        Assert.Contains(expected, output);
    }

    [Fact]
    public async Task Help_and_check_need_no_cluster()
    {
        Assert.Contains("usage:", (await SiloProcess.RunAsync("--help")).Output);
        Assert.Equal(0, (await SiloProcess.RunAsync("--check")).ExitCode);
    }

    [Fact]
    public void A_variable_is_set_where_native_code_reads_it()
    {
        NativeEnvironment.DisableOnnxRuntimeTelemetry();

        Assert.Equal("1", Marshal.PtrToStringUTF8(GetEnv("ORT_DISABLE_TELEMETRY")));
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<HttpStatusCode> StatusAsync(SiloProcess silo, string path)
    {
        using var response = await _http.GetAsync(new Uri(silo.Url, path), Token);
        return response.StatusCode;
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr GetEnv(string name);
}
