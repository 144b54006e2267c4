using OrleansMl.Contracts.Datasets;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Datasets;

/// <summary>Counts what the process allocates, so that no other test may run meanwhile.</summary>
[Collection(nameof(UploadMemoryTests))]
[CollectionDefinition(nameof(UploadMemoryTests), DisableParallelization = true)]
public sealed class UploadMemoryTests(GatewayCluster cluster)
{
    [Fact]
    public async Task A_large_upload_is_not_held_in_memory()
    {
        const int Megabytes = 192;
        await using var gateway = await TestGateway.StartAsync(cluster);
        long bytes = 0;
        gateway.Importer.Scripts["up-stream"] = (request, _, _) =>
        {
            bytes = new FileInfo(request.Files[0].Path).Length;
            return Task.CompletedTask;
        };
        var form = new MultipartFormDataContent
        {
            { new StreamContent(new RepeatedBytes(Megabytes << 20)), "f", "big.csv" },
        };
        var before = GC.GetTotalAllocatedBytes();

        await gateway.SendAsync<DatasetManifest>(
            HttpMethod.Post,
            "/api/v1/datasets/up-stream/import",
            form,
            201
        );

        Assert.Equal(Megabytes << 20, bytes);
        // All that was allocated meanwhile, freed or not, the sending client's share included.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Megabytes << 19);
    }

    private sealed class RepeatedBytes(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Fill((byte)'7');
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
