using OrleansMl.Client.Serving;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Serving;

/// <summary>Labelled examples and the requests that predict them.</summary>
internal interface IEvaluationSource
{
    /// <summary>Predicts every example, batch by batch.</summary>
    /// <returns>True label and predicted label.</returns>
    IAsyncEnumerable<(string Truth, string Predicted)> PredictAsync(
        ModelClient model,
        ModelSignature signature,
        CancellationToken cancellationToken
    );
}
