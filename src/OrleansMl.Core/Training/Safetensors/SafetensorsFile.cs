namespace OrleansMl.Core.Training.Safetensors;

/// <summary>
/// A safetensors file: eight bytes with the header's length, a JSON header that gives each array's type, shape and
/// place, then the arrays one after the other. Read and written whole.
/// </summary>
public sealed class SafetensorsFile
{
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    /// <summary>Makes one in memory.</summary>
    /// <exception cref="ArgumentException">Two arrays have the same name, or an array's bytes don't fit its shape.</exception>
    public SafetensorsFile(
        IReadOnlyList<SafetensorsTensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            var expected = tensor.Shape.Aggregate(
                (long)SafetensorsTensor.SizeOf(tensor.Type),
                static (bytes, size) => checked(bytes * size)
            );
            if (tensor.Data.Length != expected)
                throw new ArgumentException(
                    $"'{tensor.Name}' has {tensor.Data.Length} bytes, its type and shape ask for {expected}.",
                    nameof(tensors)
                );
        }
    }

    /// <summary>The arrays, in the file's order.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>An array by its name, or null.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>An array by its name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public SafetensorsTensor Get(string name) =>
        Find(name) ?? throw new InvalidDataException($"The file has no array '{name}'.");

    /// <summary>Reads a file, checking all that its header says.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or a damaged one; the message names the file and what is wrong.</exception>
    public static SafetensorsFile Read(string path)
    {
        using var stream = File.OpenRead(path);
        try
        {
            return SafetensorsReader.Read(stream);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(path)} is no sound safetensors file: {error.Message}",
                error
            );
        }
    }

    /// <summary>Writes the file so that it is there whole or not at all, also after a power cut: a temporary file, flushed to disk, then renamed.</summary>
    public void Write(string path)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                SafetensorsWriter.Write(stream, this);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
