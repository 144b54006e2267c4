using System.Text;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Residency;

/// <summary>
/// Which silo answers a call that comes in where nothing is served. Silos that have the version warm, the least busy first; one more
/// loads it when all of those are busy; and when none has it, all callers agree on one, so that it is loaded once.
/// </summary>
public static class ReplicaChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="version">What is called.</param>
    /// <param name="silos">Silos that serve; at least one.</param>
    /// <param name="busyAt">Calls under way at a silo from which on it counts as busy.</param>
    /// <returns>The index of the silo.</returns>
    public static int Choose(
        ModelVersionId version,
        IReadOnlyList<ReplicaCandidate> silos,
        int busyAt
    )
    {
        ArgumentNullException.ThrowIfNull(silos);
        if (silos.Count == 0)
            throw new ArgumentException("No silo to choose from.", nameof(silos));
        int warm = -1,
            cold = -1;
        for (var i = 0; i < silos.Count; i++)
        {
            if (silos[i].Warm)
            {
                if (warm < 0 || silos[i].Calls < silos[warm].Calls)
                    warm = i;
            }
            else if (cold < 0 || Rank(version, silos[i].Name) > Rank(version, silos[cold].Name))
            {
                cold = i;
            }
        }
        return warm < 0 || (cold >= 0 && silos[warm].Calls >= busyAt) ? cold : warm;
    }

    // The same in every process, and spread evenly: rendezvous hashing.
    private static ulong Rank(ModelVersionId version, string silo)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes($"{version} {silo}"))
            hash = (hash ^ value) * 1099511628211UL;
        // The last bytes alone would hardly reach the high bits.
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}
