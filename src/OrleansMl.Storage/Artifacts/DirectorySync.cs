using System.Runtime.InteropServices;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Makes a rename durable: on Unix a file's name lives in its directory, which is synchronized apart from the file. .NET
/// can't open a directory, hence the C library.
/// </summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;

    /// <summary>Flushes a directory to the disk; does nothing on Windows, whose renames are journaled.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Failed(path);
        try
        {
            if (Sync(descriptor) != 0)
                throw Failed(path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string path) =>
        new(
            $"The directory '{path}' could not be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}."
        );

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
