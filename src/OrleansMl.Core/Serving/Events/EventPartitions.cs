using System.IO.Hashing;
using System.Text;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Which partition an event belongs to, for ever.</summary>
public static class EventPartitions
{
    /// <summary>By its key, else by its id: so a repeated event meets its first.</summary>
    public static int Of(EventMessage message, int partitions)
    {
        ArgumentNullException.ThrowIfNull(message);
        var hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(message.Key ?? message.Id));
        return (int)(hash % (uint)partitions);
    }
}
