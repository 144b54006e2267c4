using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Operations;

/// <summary>
/// Refuses calls whose arguments carry too many bytes: a large message delays everything else on its connection, and
/// one over the transport's limit tears it down again and again. What may be large goes through the artifact store.
/// </summary>
internal sealed class MessageSizeFilter : IOutgoingGrainCallFilter
{
    /// <summary>The most bytes of a call's arguments.</summary>
    public const long MaxBytes = 4 << 20;

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        long bytes = 0;
        var count = context.Request.GetArgumentCount();
        for (var i = 0; i < count; i++)
            bytes += SizeOf(context.Request.GetArgument(i));
        return bytes <= MaxBytes
            ? context.Invoke()
            : throw new InvalidInputException(
                $"{context.InterfaceName}.{context.MethodName} of {context.TargetId}: expected arguments of at most {MaxBytes} bytes, got {bytes}; send fewer rows at a time, or put large content into the artifact store and pass its id."
            );
    }

    private static long SizeOf(object? argument) =>
        argument switch
        {
            InferenceRequest request => request.Inputs.Sum(input => (long)input.Data.Length),
            byte[] bytes => bytes.LongLength,
            ReadOnlyMemory<byte> memory => memory.Length,
            string text => text.Length,
            _ => 0,
        };
}
