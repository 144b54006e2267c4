using System.Buffers.Binary;
using System.Text;
using CsCheck;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Core.Tests.Training;

public sealed class WorkerChannelTests
{
    [Fact]
    public void What_is_sent_is_received_in_order_even_in_small_pieces()
    {
        Gen.Select(Gen.Int[1, 7], Gen.Double.Array[0, 50], Gen.String)
            .Sample(
                (pieces, values, text) =>
                {
                    using var stream = new MemoryStream();
                    using var sender = new WorkerChannel(stream);
                    sender.Send(Progress(values));
                    sender.Send(
                        new WorkerFailed { Kind = WorkerFailureKind.Error, Message = text }
                    );
                    using var receiver = new WorkerChannel(new Dribble(stream.ToArray(), pieces));

                    var progress = Assert.IsType<WorkerProgress>(receiver.Receive());
                    var failed = Assert.IsType<WorkerFailed>(receiver.Receive());

                    Assert.Equal(values, progress.Points.Select(point => point.Values["loss"]));
                    Assert.Equal(text, failed.Message);
                    Assert.Null(receiver.Receive());
                }
            );
    }

    [Fact]
    public async Task Asynchronous_and_blocking_ends_understand_each_other()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var stream = new MemoryStream();
        using var channel = new WorkerChannel(stream);
        SendBlocking(channel, new HandOverTraining());
        await channel.SendAsync(Progress([double.NaN, double.PositiveInfinity]), cancellationToken);
        stream.Position = 0;

        Assert.IsType<HandOverTraining>(await channel.ReceiveAsync(cancellationToken));
        var progress = Assert.IsType<WorkerProgress>(await channel.ReceiveAsync(cancellationToken));
        Assert.Equal(
            [double.NaN, double.PositiveInfinity],
            progress.Points.Select(point => point.Values["loss"])
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(WorkerProtocol.MaxFrameBytes + 1)]
    public void A_header_out_of_range_is_refused_before_anything_is_allocated(int length)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);

        var error = Refuse(header);

        Assert.Contains($"{length}", error);
    }

    [Fact]
    public void Frames_cut_short_are_refused()
    {
        Assert.Contains("cut short", Refuse([1, 0]));
        Assert.Contains("cut short", Refuse([10, 0, 0, 0, (byte)'{']));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"shutDownTheMoon"}""")]
    [InlineData("""{"type":"checkpoint","step":1}""")]
    public void Frames_that_are_no_message_are_refused(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Refuse([(byte)bytes.Length, 0, 0, 0, .. bytes]);
    }

    [Fact]
    public void A_message_longer_than_a_frame_is_not_sent()
    {
        using var stream = new MemoryStream();
        using var channel = new WorkerChannel(stream);

        Assert.Throws<WorkerProtocolException>(() =>
            channel.Send(
                new WorkerFailed
                {
                    Kind = WorkerFailureKind.Error,
                    Message = new string('x', WorkerProtocol.MaxFrameBytes),
                }
            )
        );

        Assert.Equal(0, stream.Length);
    }

    private static void SendBlocking(WorkerChannel channel, WorkerMessage message) =>
        channel.Send(message);

    private static string Refuse(byte[] bytes)
    {
        using var channel = new WorkerChannel(new MemoryStream(bytes));
        return Assert.Throws<WorkerProtocolException>(() => channel.Receive()).Message;
    }

    private static WorkerProgress Progress(double[] values) =>
        new()
        {
            Progress = new TrainingProgress
            {
                Step = values.Length,
                TotalSteps = 100,
                Epoch = 1,
                Epochs = 2,
            },
            Points =
            [
                .. values.Select(
                    (value, i) =>
                        new MetricPoint
                        {
                            Step = i,
                            Epoch = 1,
                            Series = "step",
                            ElapsedSeconds = 0.5,
                            Values = new Dictionary<string, double> { ["loss"] = value },
                        }
                ),
            ],
        };

    /// <summary>Gives a few bytes a read, as sockets do.</summary>
    private sealed class Dribble(byte[] content, int pieces) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) =>
            base.Read(buffer[..Math.Min(buffer.Length, pieces)]);
    }
}
