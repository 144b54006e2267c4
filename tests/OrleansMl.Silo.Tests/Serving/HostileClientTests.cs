using System.IO.Compression;
using System.Text;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>Clients over real sockets that drip, cut, lie about lengths or read nothing: each is let go, and nothing of theirs stays.</summary>
public sealed class HostileClientTests(HostileSilo hostile) : IClassFixture<HostileSilo>
{
    private const string Json = "Content-Type: application/json\r\n";
    private const string Octets = "Content-Type: application/octet-stream\r\n";
    private const string Close = "Connection: close\r\n";
    private const string Right =
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1.5]}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private InProcessSilo Silo => hostile.Silo;

    [Fact]
    public async Task A_right_request_is_answered_over_the_socket()
    {
        var answer = await ExchangeAsync(
            "echo-fp32",
            $"{Json}Content-Length: {Right.Length}\r\n",
            Encoding.UTF8.GetBytes(Right)
        );

        Assert.Equal(200, RawClient.Status(answer));
        Assert.Contains("\"data\":[1.5]", answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    [Fact]
    public async Task Headers_that_drip_end_the_connection()
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(
            "POST /v2/models/echo-fp32/infer HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
            Token
        );

        var answer = await client.DripAsync((byte)'a', Token);

        Assert.Equal(408, RawClient.Status(answer));
        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_body_that_drips_is_answered_with_408_in_the_protocols_shape()
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(
            RawClient.Head("echo-fp32", $"{Json}Content-Length: 100000\r\n"),
            Token
        );

        var answer = await client.DripAsync((byte)' ', Token);

        Assert.Equal(408, RawClient.Status(answer));
        Assert.Contains("{\"error\":\"", answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_body_that_never_begins_is_answered_with_408()
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(
            RawClient.Head("echo-fp32", $"{Json}Transfer-Encoding: chunked\r\n"),
            Token
        );

        Assert.Equal(408, RawClient.Status(await client.ReadAsync(Token)));
        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_client_that_takes_no_answer_is_cut_off()
    {
        var rows = HostileSilo.BodyLimit;
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        // Many answers on one connection fill what the sockets hold.
        var request = Encoding
            .UTF8.GetBytes(
                RawClient.Head(
                    "echo-bool",
                    $"{Octets}Inference-Header-Content-Length: 0\r\nContent-Length: {rows}\r\n"
                )
            )
            .Concat(new byte[rows])
            .ToArray();
        var sending = Task.Run(
            async () =>
            {
                while (true)
                    await client.SendAsync(request, Token);
            },
            Token
        );

        // The server gives up, which ends the sending too.
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => sending);

        await LeftNothingAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_with_the_figures(bool hasLength)
    {
        var body = new byte[HostileSilo.BodyLimit + 1];
        var answer = hasLength
            ? await ExchangeAsync("echo-fp32", $"{Json}Content-Length: {body.Length}\r\n", body)
            : await ExchangeAsync(
                "echo-fp32",
                $"{Json}Transfer-Encoding: chunked\r\n",
                [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8]
            );

        Assert.Equal(413, RawClient.Status(answer));
        Assert.Contains($"{HostileSilo.BodyLimit} bytes", answer, StringComparison.Ordinal);
        Assert.Contains("Gateway:MaxInferenceBytes", answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_small_body_that_becomes_a_large_one_is_refused_with_the_figures(
        string coding
    )
    {
        using var packed = new MemoryStream();
        await using (
            Stream stream =
                coding == "gzip"
                    ? new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)
                    : new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)
        )
        {
            // A gigabyte in a megabyte, of which no more than the limit is ever made.
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 900; i++)
                await stream.WriteAsync(zeros, Token);
        }
        Assert.True(packed.Length < HostileSilo.BodyLimit);

        var answer = await ExchangeAsync(
            "echo-fp32",
            $"{Json}Content-Encoding: {coding}\r\nContent-Length: {packed.Length}\r\n",
            packed.ToArray()
        );

        Assert.Equal(413, RawClient.Status(answer));
        Assert.Contains("The uncompressed body", answer, StringComparison.Ordinal);
        Assert.Contains($"{HostileSilo.BodyLimit} bytes", answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_body_that_ends_early_is_not_run()
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(
            RawClient.Head("echo-fp32", $"{Json}Content-Length: {Right.Length + 1}\r\n") + Right,
            Token
        );
        client.EndSending();

        // The server ends the connection; an answer may have gone out before.
        Assert.True(RawClient.Status(await client.ReadAsync(Token)) is 0 or 400);
        await LeftNothingAsync();
    }

    [Theory]
    [InlineData("Inference-Header-Content-Length: -1\r\n")]
    [InlineData("Inference-Header-Content-Length: 9999999\r\n")]
    [InlineData("Inference-Header-Content-Length: 99999999999999999999\r\n")]
    [InlineData("Inference-Header-Content-Length: many\r\n")]
    [InlineData("Inference-Header-Content-Length:\r\n")]
    [InlineData("Inference-Header-Content-Length: 5\r\nInference-Header-Content-Length: 5\r\n")]
    public async Task A_wrong_length_of_the_json_is_refused_naming_the_header(string headers)
    {
        var answer = await ExchangeAsync(
            "echo-fp32",
            $"{Octets}{headers}Content-Length: {Right.Length}\r\n",
            Encoding.UTF8.GetBytes(Right)
        );

        Assert.Equal(400, RawClient.Status(answer));
        Assert.Contains("Inference-Header-Content-Length", answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "zz\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "7fffffffffffffff\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\n{}x")]
    [InlineData("Content-Length: -1\r\n", "")]
    [InlineData("Content-Length: 1\r\nContent-Length: 2\r\n", "{}")]
    public async Task Framing_that_is_wrong_is_refused(string headers, string body)
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(RawClient.Head("echo-fp32", Close + Json + headers) + body, Token);

        Assert.InRange(RawClient.Status(await client.ReadAsync(Token)), 400, 499);
        await LeftNothingAsync();
    }

    [Fact]
    public async Task Too_many_headers_are_refused()
    {
        var headers = string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"));

        Assert.Equal(431, RawClient.Status(await ExchangeAsync("echo-fp32", headers, [])));
        Assert.Equal(
            431,
            RawClient.Status(
                await ExchangeAsync("echo-fp32", $"X-Long: {new string('a', 40_000)}\r\n", [])
            )
        );
        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_within_the_body_leaves_nothing_and_is_no_error_of_ours()
    {
        for (var i = 0; i < 20; i++)
        {
            using var client = await RawClient.ConnectAsync(Silo.Http, Token);
            await client.SendAsync(
                RawClient.Head("echo-fp32", $"{Json}Content-Length: 500000\r\n")
                    + new string(' ', 1 + i * 10_000),
                Token
            );
            client.Reset();
        }

        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_within_the_models_run_leaves_nothing_and_is_no_error_of_ours()
    {
        // Some thousand runs of the model, so that there is time to go.
        const string Long =
            """{"parameters":{"explain":{"baseline":"zero","method":"shapley-sampling","samples":9000}},"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";
        for (var i = 0; i < 10; i++)
        {
            var before = Silo.Server.Answered;
            using var client = await RawClient.ConnectAsync(Silo.Http, Token);
            await client.SendAsync(
                RawClient.Head("grid", $"{Json}Content-Length: {Long.Length}\r\n") + Long,
                Token
            );
            // Taken by the server; answered by none, or already.
            while (Silo.Server.InFlight == 0 && Silo.Server.Answered == before)
                await Task.Yield();
            client.Reset();
        }

        await LeftNothingAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_within_the_answer_leaves_nothing_and_is_no_error_of_ours()
    {
        var rows = 200_000;
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"x","datatype":"BOOL","shape":[{{{rows}}}],"parameters":{"binary_data_size":{{{rows}}}}}]}"""
        );
        for (var i = 0; i < 10; i++)
        {
            using var client = await RawClient.ConnectAsync(Silo.Http, Token);
            await client.SendAsync(
                RawClient.Head(
                    "echo-bool",
                    $"{Octets}Inference-Header-Content-Length: {json.Length}\r\nContent-Length: {json.Length + rows}\r\n"
                ),
                Token
            );
            await client.SendAsync(json, Token);
            await client.SendAsync(new byte[rows], Token);
            await client.ReadSomeAsync(1000, Token);
            client.Reset();
        }

        await LeftNothingAsync();
    }

    [Fact]
    public async Task Json_that_nests_without_end_is_refused()
    {
        await RefusedAsync(new string('[', 900_000), "expected a JSON object");
        await RefusedAsync(
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":{{new string('[', 400_000)}}""",
            "nested"
        );
        await RefusedAsync(string.Concat(Enumerable.Repeat("{\"parameters\":", 60_000)), "");
    }

    [Fact]
    public async Task More_tensors_than_are_read_are_refused_before_any_is_run()
    {
        const string Input =
            """{"name":"x","datatype":"BYTES","shape":[1],"data":["0123456789012345"]}""";
        await RefusedAsync(
            $$"""{"inputs":[{{string.Join(',', Enumerable.Repeat(Input, 13_000))}}]}""",
            "inputs: expected at most 10000 tensors"
        );
        await RefusedAsync(
            $$"""{"outputs":[{{string.Join(',', Enumerable.Repeat("{\"name\":\"x_out\"}", 20_000))}}]}""",
            "outputs: expected at most 10000 tensors"
        );
    }

    [Theory]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[9223372036854775807,2]")]
    [InlineData("[3037000500,3037000500]")]
    [InlineData("[65536,65536,65536,65536]")]
    [InlineData("[9223372036854775808]")]
    [InlineData("[-1]")]
    public async Task A_shape_whose_product_overflows_is_refused_in_json_and_binary(string shape)
    {
        await RefusedAsync(
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":{{shape}},"data":[]}]}""",
            "shape"
        );
        await RefusedAsync(
            $$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":{{{shape}}},"parameters":{"binary_data_size":0}}]}""",
            ""
        );
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    [InlineData("\"NaN\"")]
    public async Task What_is_no_finite_number_is_refused(string number) =>
        await RefusedAsync(
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[{{number}}]}]}""",
            ""
        );

    [Fact]
    public async Task An_error_that_quotes_what_came_is_no_longer_than_some_kilobytes()
    {
        var answer = await ExchangeJsonAsync(
            $$"""{"inputs":[{"name":"{{new string('n', 500_000)}}","datatype":"FP32","shape":[1],"data":[1]}]}"""
        );

        Assert.Equal(400, RawClient.Status(answer));
        Assert.InRange(answer.Length, 8000, 12_000);
    }

    [Fact]
    public async Task Names_that_are_no_models_do_not_stay_in_memory()
    {
        var before = 0L;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 1000; i++)
            {
                using var request = new InnerRequest(
                    "POST",
                    $"/v2/models/nobody-{round}-{i}/infer",
                    [KeyValuePair.Create("Content-Type", "application/json")],
                    Encoding.UTF8.GetBytes(Right),
                    isHttp2: false
                );
                await Silo.Server.RunAsync(request.All);
                await request.EndAsync();
                Assert.Equal(404, request.StatusCode);
            }
            var memory = await MemoryAsync();
            if (round == 0)
                before = memory;
            else
                Assert.InRange(memory, 0, before + (3 << 20));
        }
    }

    private static async Task<long> MemoryAsync()
    {
        var least = long.MaxValue;
        // Activations end a moment behind the answer.
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
            GC.WaitForPendingFinalizers();
            least = Math.Min(least, GC.GetTotalMemory(forceFullCollection: true));
        }
        return least;
    }

    private async Task RefusedAsync(string json, string named)
    {
        var answer = await ExchangeJsonAsync(json);
        Assert.Equal(400, RawClient.Status(answer));
        Assert.Contains("{\"error\":\"", answer, StringComparison.Ordinal);
        Assert.Contains(named, answer, StringComparison.Ordinal);
        await LeftNothingAsync();
    }

    private Task<string> ExchangeJsonAsync(string json) =>
        ExchangeAsync(
            "echo-fp32",
            $"{Json}Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n",
            Encoding.UTF8.GetBytes(json)
        );

    // Reads while it sends: a server that refuses early ends the connection with the answer.
    private async Task<string> ExchangeAsync(string model, string headers, byte[] body)
    {
        using var client = await RawClient.ConnectAsync(Silo.Http, Token);
        await client.SendAsync(RawClient.Head(model, Close + headers), Token);
        var answer = client.ReadAsync(Token);
        try
        {
            await client.SendAsync(body, Token);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The answer is there already.
        }
        return await answer;
    }

    private async Task LeftNothingAsync()
    {
        await Silo.Server.IdleAsync();
        var logged = string.Join('\n', Silo.Log.Take());
        Assert.True(logged.Length == 0, logged);
    }
}
