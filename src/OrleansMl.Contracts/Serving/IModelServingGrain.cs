using OrleansMl.Contracts.Trust;

namespace OrleansMl.Contracts.Serving;

/// <summary>How a model is served, by the model's name.</summary>
[Alias("oml.IModelServingGrain")]
[ClientAccess(Permission.None)]
public interface IModelServingGrain : IGrainWithStringKey
{
    /// <summary>The policy, the default one where none was set.</summary>
    [ClientAccess(Permission.Read, ClientScope.Key)]
    [Alias("Get")]
    Task<ServingPolicySnapshot> GetAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the policy; durable when this returns. Serving silos follow within their refresh time.</summary>
    /// <exception cref="InvalidInputException">The policy is wrong; the message names the section and key.</exception>
    /// <exception cref="NotFoundException">No such model.</exception>
    /// <exception cref="ConflictException">Its revision is not the expected one.</exception>
    [ClientAccess(Permission.Operate, ClientScope.Key, Action = "model.serving.set")]
    [Alias("Set")]
    Task<ServingPolicySnapshot> SetAsync(
        ServingPolicyChange change,
        CancellationToken cancellationToken
    );
}
