using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

internal sealed partial class TrainingRunGrain
{
    public async Task<AttemptDirective> CompleteAsync(
        AttemptResult result,
        CancellationToken cancellationToken
    )
    {
        var state = _state.Current;
        if (
            state.Attempt == result.Attempt
            && state.Phase is TrainingRunPhase.Registering or TrainingRunPhase.Succeeded
        )
        {
            await RegisterAsync(cancellationToken);
            return AttemptDirective.Continue;
        }
        if (Standing(result.Attempt) is { } directive)
            return directive;
        if (state.CancelRequested)
        {
            await EndAttemptAsync(
                new AttemptEnd
                {
                    Attempt = result.Attempt,
                    Outcome = AttemptOutcome.Cancelled,
                    Error = "cancelled while it ended",
                },
                cancellationToken
            );
            return AttemptDirective.Cancel;
        }
        await _references.AddAsync(
            Owner,
            result.Golden is { } golden
                ? [result.Onnx, result.Weights, golden]
                : [result.Onnx, result.Weights],
            cancellationToken
        );
        _progress = result.Progress;
        _elapsedSeconds = result.TrainingSeconds;
        await CommitAsync(
            state with
            {
                Phase = TrainingRunPhase.Registering,
                Result = result,
                Weights = result.Weights,
                Evaluations = result.Evaluations,
                LeaseId = "",
                Attempts =
                [
                    .. state.Attempts.Select(attempt =>
                        attempt.Number == result.Attempt
                            ? attempt with
                            {
                                Outcome = AttemptOutcome.Succeeded,
                                EndedAt = _time.GetUtcNow(),
                            }
                            : attempt
                    ),
                ],
            }
        );
        GrainTelemetry.AttemptsEnded.Add(
            1,
            GrainTelemetry.Tag("outcome", AttemptOutcome.Succeeded)
        );
        // The slot is done with the run, whatever becomes of the registration.
        await FreeSlotAsync(result.Attempt, requeue: false);
        await RegisterAsync(cancellationToken);
        return AttemptDirective.Continue;
    }

    /// <summary>Registers the result that is in the state. The model's grain knows the command, so that a repeat makes no second version.</summary>
    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (
            state is not { Phase: TrainingRunPhase.Registering, Result: { } result, Spec: { } spec }
        )
            return;
        ModelVersionSnapshot version;
        try
        {
            version = await GrainFactory
                .GetGrain<IModelGrain>(spec.Model)
                .RegisterVersionAsync(Registration(spec, result), cancellationToken);
        }
        catch (Exception error) when (error is InvalidInputException or ConflictException)
        {
            await EndAsync(
                state,
                TrainingRunPhase.Failed,
                $"its model was refused: {error.Message}"
            );
            return;
        }
        catch (Exception error)
        {
            LogRegisterFailed(_logger, error, Id, _options.RegisterRetryDelay);
            RegisterLater(_options.RegisterRetryDelay);
            throw;
        }
        _registerTimer?.Dispose();
        _registerTimer = null;
        await EndAsync(
            state with
            {
                Version = version.Id,
                Promotion = version.Promotion,
                TrainingSeconds = result.TrainingSeconds,
            },
            TrainingRunPhase.Succeeded,
            null
        );
    }

    private ModelRegistration Registration(TrainingRunSpec spec, AttemptResult result) =>
        new()
        {
            CommandId = Owner,
            Onnx = result.Onnx,
            Weights = result.Weights,
            Golden = result.Golden,
            Signature = result.Signature,
            Lineage = new ModelLineage
            {
                Dataset = spec.Dataset,
                Run = Id,
                Attempt = result.Attempt,
                Config = spec.Config,
            },
            Evaluations = result.Evaluations,
            PromotionRules = spec.PromotionRules,
            PromotionAlias = spec.PromotionAlias,
            RegisteredBy = Owner,
        };

    private void RegisterLater(TimeSpan delay) =>
        _registerTimer ??= this.RegisterGrainTimer(
            RegisterAsync,
            new GrainTimerCreationOptions(delay, _options.RegisterRetryDelay) { KeepAlive = true }
        );
}
