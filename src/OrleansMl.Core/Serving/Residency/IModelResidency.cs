using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Residency;

/// <summary>
/// Which silos have which versions in memory, and the operator's word on it, for the whole cluster. Without such a word a version
/// is loaded by the first call and let go when others need its memory. Thread-safe.
/// </summary>
public interface IModelResidency
{
    /// <summary>Loads a version on every serving silo and allows it again where it was unloaded; returns when it answers on all of them.</summary>
    /// <exception cref="Contracts.NotFoundException">No such version.</exception>
    /// <exception cref="Contracts.UnavailableException">A silo could not load it or did not answer, which the message names; or no silo serves.</exception>
    Task<IReadOnlyList<ModelResidence>> LoadAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Lets a version go on every silo and has it refused (503) from now on, by silos that come later too, until it is loaded by
    /// <see cref="LoadAsync"/>. Calls in flight end first. Durable when this returns.
    /// </summary>
    /// <exception cref="Contracts.NotFoundException">No such version.</exception>
    /// <exception cref="Contracts.UnavailableException">A silo did not answer, which the message names; it may still have the version: ask again.</exception>
    Task UnloadAsync(ModelVersionId version, CancellationToken cancellationToken);

    /// <summary>Whether calls of a version are taken: false from <see cref="UnloadAsync"/> to <see cref="LoadAsync"/>.</summary>
    ValueTask<bool> IsAllowedAsync(ModelVersionId version, CancellationToken cancellationToken);

    /// <summary>Every version that a serving silo has, loads, or failed to load; sorted by version and silo. A silo that does not answer is left out.</summary>
    Task<IReadOnlyList<ModelResidence>> IndexAsync(CancellationToken cancellationToken);
}
