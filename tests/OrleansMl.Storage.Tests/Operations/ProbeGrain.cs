using Orleans.Runtime;

namespace OrleansMl.Storage.Tests.Operations;

[Alias("test.IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    [Alias("Get")]
    Task<string> GetAsync(CancellationToken cancellationToken);

    [Alias("Set")]
    Task SetAsync(string value, CancellationToken cancellationToken);

    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);

    [Alias("Remind")]
    Task RemindAsync(TimeSpan period, CancellationToken cancellationToken);

    [Alias("Forget")]
    Task ForgetAsync(CancellationToken cancellationToken);
}

[GenerateSerializer]
[Alias("test.ProbeState")]
public sealed record ProbeState([property: Id(0)] string Value)
{
    public ProbeState()
        : this("") { }
}

[GrainType("probe")]
internal sealed class ProbeGrain(
    [PersistentState("probe", "oml")] IPersistentState<ProbeState> state
) : Grain, IProbeGrain, IRemindable
{
    public Task<string> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(state.State.Value);

    public Task SetAsync(string value, CancellationToken cancellationToken)
    {
        state.State = new ProbeState(value);
        return state.WriteStateAsync(cancellationToken);
    }

    public Task ClearAsync(CancellationToken cancellationToken) =>
        state.ClearStateAsync(cancellationToken);

    public Task RemindAsync(TimeSpan period, CancellationToken cancellationToken) =>
        this.RegisterOrUpdateReminder("probe", period, period, cancellationToken);

    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var reminder = await this.GetReminder("probe", cancellationToken);
        await this.UnregisterReminder(reminder!, cancellationToken);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
