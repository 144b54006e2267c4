using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrleansMl.Core.Serving.Invocation;

namespace OrleansMl.Core.Serving.Sequences;

/// <summary>
/// Names a sequence in the cluster: model, version as the caller wrote it, caller, id. So one caller can neither continue nor find another's
/// sequence, and sequences of versions that are named do not meet.
/// </summary>
public static class SequenceKey
{
    private const int MostPlain = 64;

    /// <summary>The key, of printable ASCII.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sequence">The sequence's id.</param>
    public static string Of(in InferenceCall call, string sequence) =>
        $"{call.Model}/{Part(call.Reference)}/{Part(call.Caller)}/{Part(sequence)}";

    /// <summary>The model of a key.</summary>
    public static string ModelOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key[..key.IndexOf('/', StringComparison.Ordinal)];
    }

    /// <summary>A text as a part of a key: itself where it is short and plain, else its hash. No plain text begins as a hash does.</summary>
    public static string Part(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            return "~";
        var isPlain = text.Length <= MostPlain;
        for (var i = 0; isPlain && i < text.Length; i++)
            isPlain =
                char.IsAsciiLetterOrDigit(text[i]) || text[i] is '.' or '_' or '-' or ':' or '@';
        return isPlain
            ? text
            : $"~{Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())))}";
    }
}
