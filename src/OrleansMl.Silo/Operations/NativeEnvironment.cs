using System.Runtime.InteropServices;

namespace OrleansMl.Silo.Operations;

/// <summary>Variables of the process's native environment, which <see cref="Environment"/> copies once and does not write back.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Keeps ONNX Runtime from starting its telemetry; must come before its library loads.</summary>
    /// <exception cref="InvalidOperationException">The variable could not be set.</exception>
    public static void DisableOnnxRuntimeTelemetry() => Set("ORT_DISABLE_TELEMETRY", "1");

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
