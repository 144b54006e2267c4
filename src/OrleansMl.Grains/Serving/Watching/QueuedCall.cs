using System.Buffers;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>A copied call on its way from the hot path, with the policy that it came under. Its tensors lie in one rented array, which goes back when the call was looked at.</summary>
internal sealed class QueuedCall
{
    private byte[]? _rented;

    private QueuedCall(
        WatchedCall call,
        ServingPolicySnapshot serving,
        double draw,
        int bytes,
        byte[] rented
    ) => (Call, Serving, Draw, Bytes, _rented) = (call, serving, draw, bytes, rented);

    public WatchedCall Call { get; }

    public ServingPolicySnapshot Serving { get; }

    /// <summary>The call is in every sample of a share above this.</summary>
    public double Draw { get; }

    public int Bytes { get; }

    public static QueuedCall Copy(
        WatchedCall call,
        ServingPolicySnapshot serving,
        double draw,
        int bytes
    )
    {
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        var at = 0;
        return new QueuedCall(
            call with
            {
                Inputs = Copy(call.Inputs, rented, ref at),
                Outputs = Copy(call.Outputs, rented, ref at),
            },
            serving,
            draw,
            bytes,
            rented
        );
    }

    public void Return()
    {
        if (_rented is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }

    private static InferenceTensor[] Copy(
        IReadOnlyList<InferenceTensor> tensors,
        byte[] target,
        ref int at
    )
    {
        var copies = new InferenceTensor[tensors.Count];
        for (var i = 0; i < copies.Length; i++)
        {
            var tensor = tensors[i];
            var data = target.AsMemory(at, tensor.Data.Length);
            tensor.Data.CopyTo(data);
            at += data.Length;
            copies[i] = tensor with { Data = data, Shape = [.. tensor.Shape] };
        }
        return copies;
    }
}
