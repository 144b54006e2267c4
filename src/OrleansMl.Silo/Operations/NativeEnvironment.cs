using System.Runtime.InteropServices;

namespace OrleansMl.Silo.Operations;

/// <summary>Variables of the process's native environment, which <see cref="Environment"/> copies once and does not write back.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Keeps ONNX Runtime from starting its telemetry; must come before its library loads.</summary>
    /// <exception cref="InvalidOperationException">The variable could not be set.</exception>
    public static void DisableOnnxRuntimeTelemetry() => Set("ORT_DISABLE_TELEMETRY", "1");

    /// <summary>
    /// Completes the sockets' operations on the threads that watch them instead of the pool's; must come before the first asynchronous
    /// operation. The runtime has no other switch for it than a variable, which child processes don't get.
    /// </summary>
    public static void CompleteSocketsInline() =>
        Environment.SetEnvironmentVariable(InlineSockets, "1");

    /// <summary>The variable of <see cref="CompleteSocketsInline"/>.</summary>
    public const string InlineSockets = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Sets a variable for native code of this process and for its children.</summary>
    public static void Set(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows() && SetEnv(name, value, 1) != 0)
            throw new InvalidOperationException(
                $"The environment variable {name} could not be set: error {Marshal.GetLastPInvokeError()}."
            );
    }

    [LibraryImport(
        "libc",
        EntryPoint = "setenv",
        StringMarshalling = StringMarshalling.Utf8,
        SetLastError = true
    )]
    private static partial int SetEnv(string name, string value, int overwrite);
}
