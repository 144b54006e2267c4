using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;

/// <summary>
/// Copies an ELF library and marks one of its version needs weak, so that the dynamic loader accepts a libstdc++ that
/// doesn't define that version (ADR 0001). Refuses when a relocation needs a symbol of the version: the library would
/// load and then miss it. Compiled by MSBuild when the target runs.
/// </summary>
public sealed class WeakenVersionNeed : Microsoft.Build.Utilities.Task
{
    private const long DynamicString = 5;
    private const long DynamicSymbol = 6;
    private const long DynamicRelocations = 7;
    private const long DynamicRelocationBytes = 8;
    private const long DynamicPltRelocationBytes = 2;
    private const long DynamicPltRelocations = 23;
    private const long DynamicVersionOfSymbol = 0x6ffffff0;
    private const long DynamicVersionNeed = 0x6ffffffe;
    private const long DynamicVersionNeedCount = 0x6fffffff;
    private const ushort WeakFlag = 2;

    private byte[] image;

    /// <summary>The library as its package brings it.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>The need, for example GLIBCXX_3.4.32.</summary>
    [Required]
    public string VersionNeed { get; set; }

    public override bool Execute()
    {
        try
        {
            image = File.ReadAllBytes(Source);
            Weaken();
            Write();
            Log.LogMessage(
                MessageImportance.Normal,
                "{0}: {1} is a weak need now.",
                Destination,
                VersionNeed
            );
        }
        catch (InvalidDataException error)
        {
            Log.LogError(
                "{0} can't be made to load with an older libstdc++: {1} See docs/adr/0001-torchsharp-on-older-linux.md.",
                Source,
                error.Message
            );
        }
        catch (Exception error)
            when (error is IndexOutOfRangeException
                || error is ArgumentException
                || error is OverflowException
            )
        {
            Log.LogError(
                "{0} can't be made to load with an older libstdc++: it is truncated or no ELF library ({1}). Restore the package anew.",
                Source,
                error.Message
            );
        }
        return !Log.HasLoggedErrors;
    }

    private void Weaken()
    {
        if (
            image.Length < 64
            || image[0] != 0x7f
            || image[1] != 'E'
            || image[2] != 'L'
            || image[3] != 'F'
        )
            throw new InvalidDataException("it is no ELF file.");
        if (image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("a 64-bit little-endian ELF file was expected.");

        var needs = Offset(
            Dynamic(DynamicVersionNeed)
                ?? throw new InvalidDataException("it has no version needs.")
        );
        var count = Dynamic(DynamicVersionNeedCount) ?? 0;
        var strings = Offset(
            Dynamic(DynamicString) ?? throw new InvalidDataException("it has no string table.")
        );
        var weakened = 0;
        for (long library = needs, i = 0; i < count; i++, library += Number(library + 12, 4))
        {
            var entry = library + Number(library + 8, 4);
            for (
                long j = 0, entries = Number(library + 2, 2);
                j < entries;
                j++, entry += Number(entry + 12, 4)
            )
            {
                if (Text(strings + Number(entry + 8, 4)) != VersionNeed)
                    continue;
                RefuseWhenUsed(Number(entry + 6, 2), strings);
                image[entry + 4] |= (byte)WeakFlag;
                weakened++;
            }
        }
        if (weakened == 0)
            throw new InvalidDataException(
                "it doesn't need "
                    + VersionNeed
                    + ": the package changed, so the build step must be reviewed."
            );
    }

    /// <summary>A symbol is looked up only for a relocation that names it: with none, the version's absence is harmless.</summary>
    private void RefuseWhenUsed(long version, long strings)
    {
        var symbols = Offset(
            Dynamic(DynamicSymbol) ?? throw new InvalidDataException("it has no symbol table.")
        );
        var versions = Offset(
            Dynamic(DynamicVersionOfSymbol)
                ?? throw new InvalidDataException("its symbols have no versions.")
        );
        RefuseRelocations(
            Dynamic(DynamicRelocations),
            Dynamic(DynamicRelocationBytes) ?? 0,
            version,
            symbols,
            versions,
            strings
        );
        RefuseRelocations(
            Dynamic(DynamicPltRelocations),
            Dynamic(DynamicPltRelocationBytes) ?? 0,
            version,
            symbols,
            versions,
            strings
        );
    }

    private void RefuseRelocations(
        long? address,
        long bytes,
        long version,
        long symbols,
        long versions,
        long strings
    )
    {
        if (address == null)
            return;
        var start = Offset(address.Value);
        for (var relocation = start; relocation < start + bytes; relocation += 24)
        {
            var symbol = Number(relocation + 12, 4);
            if (symbol != 0 && (Number(versions + symbol * 2, 2) & 0x7fff) == version)
                throw new InvalidDataException(
                    "it uses "
                        + Text(strings + Number(symbols + symbol * 24, 4))
                        + " of "
                        + VersionNeed
                        + " at run time."
                );
        }
    }

    /// <summary>The value of a tag of the dynamic section, or null.</summary>
    private long? Dynamic(long tag)
    {
        var section = ProgramHeaders()
            .Where(header => Number(header, 4) == 2)
            .Select(header => (long?)header)
            .FirstOrDefault();
        if (section == null)
            throw new InvalidDataException("it has no dynamic section.");
        var start = Number(section.Value + 8, 8);
        for (var entry = start; entry < start + Number(section.Value + 32, 8); entry += 16)
        {
            var found = Number(entry, 8);
            if (found == tag)
                return Number(entry + 8, 8);
            if (found == 0)
                break;
        }
        return null;
    }

    /// <summary>Where in the file an address of the loaded library comes from.</summary>
    private long Offset(long address)
    {
        foreach (var header in ProgramHeaders().Where(header => Number(header, 4) == 1))
        {
            var start = Number(header + 16, 8);
            if (address >= start && address < start + Number(header + 32, 8))
                return address - start + Number(header + 8, 8);
        }
        throw new InvalidDataException("address " + address + " is in no segment.");
    }

    private long[] ProgramHeaders()
    {
        var first = Number(32, 8);
        var size = Number(54, 2);
        return Enumerable.Range(0, (int)Number(56, 2)).Select(i => first + i * size).ToArray();
    }

    private long Number(long offset, int bytes)
    {
        var index = checked((int)offset);
        switch (bytes)
        {
            case 2:
                return BitConverter.ToUInt16(image, index);
            case 4:
                return BitConverter.ToUInt32(image, index);
            default:
                return BitConverter.ToInt64(image, index);
        }
    }

    private string Text(long offset)
    {
        var start = checked((int)offset);
        var end = Array.IndexOf(image, (byte)0, start);
        return Encoding.ASCII.GetString(image, start, end - start);
    }

    /// <summary>By rename, so that an interrupted build leaves the old copy or the new one.</summary>
    private void Write()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        var temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, image);
        if (File.Exists(Destination))
            File.Delete(Destination);
        File.Move(temporary, Destination);
    }
}
