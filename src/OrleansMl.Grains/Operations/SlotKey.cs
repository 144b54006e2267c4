namespace OrleansMl.Grains.Operations;

/// <summary>A slot's id in its parts.</summary>
/// <param name="Silo">The silo's name.</param>
/// <param name="Accelerator"><c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Device">For example <c>cuda:1</c>.</param>
internal sealed record SlotKey(string Silo, string Accelerator, string Device)
{
    /// <summary>Reads <c>silo/kind:index</c>; null when the text is something else.</summary>
    public static SlotKey? Parse(string slot)
    {
        var slash = slot.LastIndexOf('/');
        if (slash < 1)
            return null;
        var device = slot[(slash + 1)..];
        var colon = device.IndexOf(':', StringComparison.Ordinal);
        return colon < 1 ? null : new SlotKey(slot[..slash], device[..colon], device);
    }
}
