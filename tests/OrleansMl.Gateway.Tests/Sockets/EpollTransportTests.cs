using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansMl.Gateway.Sockets;

namespace OrleansMl.Gateway.Tests.Sockets;

public sealed class EpollTransportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Large_bodies_come_back_as_they_were_sent_from_many_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(EchoAsync);
        using var http = new HttpClient();

        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(async i =>
                {
                    var body = new byte[3_000_000 + i];
                    new Random(i).NextBytes(body);
                    using var answer = await http.PostAsync(
                        server.Url,
                        new ByteArrayContent(body),
                        Token
                    );
                    Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Token));
                })
        );
    }

    [Fact]
    public async Task A_small_request_is_handled_on_the_thread_that_watches_its_socket()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(context =>
            context.Response.WriteAsync(Thread.CurrentThread.Name ?? "", Token)
        );
        using var http = new HttpClient();
        var names = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            names.Add(await http.GetStringAsync(server.Url, Token));

        // The first of a connection may still be on the thread that began it.
        Assert.Contains(names, name => name.StartsWith("sockets-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_up_the_writer_and_not_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        const int Piece = 64 * 1024;
        const int Pieces = 1024;
        var written = 0;
        await using var server = await EpollServer.StartAsync(async context =>
        {
            var piece = new byte[Piece];
            for (var i = 0; i < Pieces; i++)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                Interlocked.Increment(ref written);
            }
        });
        using var client = await server.ConnectAsync();
        client.ReceiveBufferSize = 64 * 1024;
        await SendAsync(client, "GET / HTTP/1.0\r\n\r\n");
        // The first bytes have come, so that it writes.
        Assert.NotEqual(0, await client.ReceiveAsync(new byte[1], Token));
        var before = -1;
        while (before != Volatile.Read(ref written))
        {
            before = Volatile.Read(ref written);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Token);
        }
        // What both kernels' buffers take, and a little.
        Assert.InRange(before, 1, Pieces / 2);

        var read = 1L;
        var buffer = new byte[Piece];
        for (int count; (count = await client.ReceiveAsync(buffer, Token)) > 0; )
            read += count;
        Assert.True(read > (long)Piece * Pieces, $"{read} bytes came.");
    }

    [Fact]
    public async Task A_sender_is_held_up_by_a_handler_that_does_not_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EpollServer.StartAsync(
            async context =>
            {
                await go.Task;
                await EchoLengthAsync(context);
            },
            new EpollSettings { Threads = 1, MaxReadBytes = 64 * 1024 }
        );
        using var client = await server.ConnectAsync();
        client.SendBufferSize = 64 * 1024;
        const int Length = 64 << 20;
        await SendAsync(client, $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {Length}\r\n\r\n");
        var sent = 0;
        client.Blocking = false;
        var piece = new byte[64 * 1024];
        while (client.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectWrite))
            sent += client.Send(piece.AsSpan(0, Math.Min(piece.Length, Length - sent)));
        Assert.InRange(sent, 1, Length / 2);

        go.SetResult();
        while (sent < Length)
            sent += await client.SendAsync(
                piece.AsMemory(0, Math.Min(piece.Length, Length - sent)),
                Token
            );
        Assert.Contains($"\r\n{Length}\r\n", await ReadUntilAsync(client, $"\r\n{Length}\r\n"));
    }

    [Fact]
    public async Task A_client_that_resets_amid_its_body_is_an_abort_for_its_handler_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        var error = new TaskCompletionSource<Exception>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EpollServer.StartAsync(async context =>
        {
            if (context.Request.Method == "GET")
                return;
            try
            {
                began.TrySetResult();
                await EchoLengthAsync(context);
            }
            catch (Exception e)
            {
                error.TrySetResult(e);
                throw;
            }
        });
        using (var client = await server.ConnectAsync())
        {
            await SendAsync(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
            await began.Task.WaitAsync(Token);
            client.Close(timeout: 0);
        }
        Assert.IsType<IOException>(
            await error.Task.WaitAsync(TimeSpan.FromSeconds(30), Token),
            exactMatch: false
        );
        using var http = new HttpClient();
        Assert.Equal("", await http.GetStringAsync(server.Url, Token));
    }

    [Fact]
    public async Task A_client_that_ends_its_side_amid_a_request_is_told_or_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(EchoAsync);
        using var client = await server.ConnectAsync();
        await SendAsync(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await ReadUntilAsync(client, "\r\n\r\n"));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReceiveRestAsync(client));
    }

    [Fact]
    public async Task Requests_sent_in_a_row_are_answered_in_their_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(context =>
            context.Response.WriteAsync($"[{context.Request.Path.Value![1..]}]", Token)
        );
        using var client = await server.ConnectAsync();
        const int Count = 2000;
        var requests = new StringBuilder();
        for (var i = 0; i < Count; i++)
            requests.Append($"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n");
        var sending = SendAsync(client, requests.ToString());
        var text = await ReadUntilAsync(client, $"[{Count - 1}]");
        await sending;
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            at = text.IndexOf($"[{i}]", at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"Answer {i} is not in its place.");
        }
    }

    [Fact]
    public async Task A_thousand_connections_leave_no_file_handle()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(EchoAsync);
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(
                Enumerable
                    .Range(0, 100)
                    .Select(async i =>
                    {
                        using var client = await server.ConnectAsync();
                        if (i % 4 == 3)
                        {
                            client.Close(timeout: 0);
                            return;
                        }
                        if (i % 4 == 2)
                            return;
                        await SendAsync(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                        await ReadUntilAsync(client, "\r\n\r\n");
                    })
            );
        }
        // The server hears of the ends after the clients.
        var port = ((IPEndPoint)server.EndPoint).Port;
        for (var i = 0; EstablishedAt(port) > 0; i++)
        {
            Assert.True(i < 100, $"{EstablishedAt(port)} sockets are still held.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
        }
    }

    [Fact]
    public async Task A_handlers_exception_ends_its_request_and_no_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        await using var server = await EpollServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/fails")
                    throw new InvalidTimeZoneException("It fails.");
                if (context.Request.Path == "/aborts")
                    context.Abort();
                await context.Response.WriteAsync("fine", Token);
            },
            new EpollSettings { Threads = 1 }
        );
        using var http = new HttpClient();
        for (var i = 0; i < 20; i++)
        {
            using var failed = await http.GetAsync(server.Url + "/fails", Token);
            Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
            await Assert.ThrowsAsync<HttpRequestException>(() =>
                http.GetAsync(server.Url + "/aborts", Token)
            );
            Assert.Equal("fine", await http.GetStringAsync(server.Url, Token));
        }
    }

    [Fact]
    public async Task A_stop_lets_what_began_end_and_takes_nothing_new()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await EpollServer.StartAsync(async context =>
        {
            began.TrySetResult();
            await go.Task;
            await context.Response.WriteAsync("done", Token);
        });
        using var http = new HttpClient();
        using var idle = await server.ConnectAsync();
        var answer = http.GetStringAsync(server.Url, Token);
        await began.Task.WaitAsync(Token);
        var stopped = server.StopAsync();
        // Kestrel ends those without a request at once.
        Assert.Equal(0, await ReceiveRestAsync(idle));
        await Assert.ThrowsAnyAsync<SocketException>(server.ConnectAsync);
        go.SetResult();
        Assert.Equal("done", await answer);
        await stopped;
        await server.DisposeAsync();
    }

    [Fact]
    public async Task It_listens_on_both_stacks_and_in_files_and_tells_callers_addresses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        var folder = Directory.CreateTempSubdirectory("oml-epoll").FullName;
        var file = Path.Combine(folder, "s");
        var server = await EpollServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress}", Token),
            listen: kestrel =>
            {
                kestrel.Listen(IPAddress.IPv6Any, 0);
                kestrel.ListenUnixSocket(file);
            }
        );
        var port = new Uri(server.Url.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
        Assert.NotEqual(0, port);
        using var http = new HttpClient();
        Assert.Contains("127.0.0.1", await http.GetStringAsync($"http://127.0.0.1:{port}/", Token));
        Assert.Equal("::1", await http.GetStringAsync($"http://[::1]:{port}/", Token));
        using (
            var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        )
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(file), Token);
            await SendAsync(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await ReadUntilAsync(client, "\r\n\r\n"));
        }
        await server.DisposeAsync();
        Assert.False(File.Exists(file));
        Directory.Delete(folder);
    }

    [Fact]
    public async Task An_address_in_use_is_refused_and_one_left_is_free_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        var first = await EpollServer.StartAsync(EchoAsync);
        var port = ((IPEndPoint)first.EndPoint).Port;
        using (var http = new HttpClient())
            await http.GetStringAsync(first.Url, Token);
        Task<EpollServer> Again() =>
            EpollServer.StartAsync(EchoAsync, listen: kestrel => kestrel.ListenLocalhost(port));
        await Assert.ThrowsAnyAsync<IOException>(Again);
        await first.DisposeAsync();
        await using var second = await Again();
        Assert.Equal(port, new Uri(second.Url).Port);
    }

    [Fact]
    public async Task Http2_works_on_it_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport is Linux's.");
        // The client sends all of a body before it reads an answer.
        await using var server = await EpollServer.StartAsync(
            async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, Token);
                await context.Response.Body.WriteAsync(body.ToArray(), Token);
            },
            listen: kestrel =>
                kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2)
        );
        using var http = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var body = RandomNumberGenerator.GetBytes(1_000_000);
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(async _ =>
                {
                    using var answer = await http.PostAsync(
                        server.Url,
                        new ByteArrayContent(body),
                        Token
                    );
                    return await answer.Content.ReadAsByteArrayAsync(Token);
                })
        );
        Assert.All(answers, answer => Assert.Equal(body, answer));
    }

    private static async Task EchoAsync(HttpContext context) =>
        await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);

    private static async Task EchoLengthAsync(HttpContext context)
    {
        var total = 0L;
        var buffer = new byte[64 * 1024];
        for (int n; (n = await context.Request.Body.ReadAsync(buffer, Token)) > 0; )
            total += n;
        await context.Response.WriteAsync($"{total}", Token);
    }

    private static async Task SendAsync(Socket socket, string text)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text);
        while (rest.Length > 0)
            rest = rest[await socket.SendAsync(rest, Token)..];
    }

    private static async Task<string> ReadUntilAsync(Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var last = Math.Min(200, text.Length);
            if (text.ToString(text.Length - last, last).Contains(end, StringComparison.Ordinal))
                break;
            var count = await socket.ReceiveAsync(buffer, Token);
            if (count == 0)
                break;
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    private static async Task<int> ReceiveRestAsync(Socket socket) =>
        await socket.ReceiveAsync(new byte[1024], Token);

    // The server's sockets of the kernel's table that this process holds, but the one that listens.
    private static int EstablishedAt(int port)
    {
        var held = OpenSockets();
        return File.ReadLines("/proc/net/tcp")
            .Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields =>
                fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal)
                && fields[3] != "0A"
                && held.Contains(fields[9])
            );
    }

    private static HashSet<string> OpenSockets()
    {
        var inodes = new HashSet<string>();
        foreach (var link in Directory.EnumerateFiles("/proc/self/fd"))
        {
            try
            {
                if (
                    File.ResolveLinkTarget(link, false)?.Name is { } name
                    && name.Contains("socket:[", StringComparison.Ordinal)
                )
                    inodes.Add(name[(name.IndexOf('[', StringComparison.Ordinal) + 1)..^1]);
            }
            catch (IOException)
            {
                // Closed since it was listed: then it is not held.
                continue;
            }
        }
        return inodes;
    }
}
