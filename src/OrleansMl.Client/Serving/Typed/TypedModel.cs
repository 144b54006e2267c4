using System.Diagnostics.CodeAnalysis;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>
/// A model as a function of .NET types: each property of <typeparamref name="TIn"/> is an input, each of <typeparamref name="TOut"/> an output,
/// by name. A row is an object; a list of objects is one request, whose first dimension counts them. Safe for threads; keep it to save the
/// look-up of the model's signature.
/// </summary>
/// <typeparam name="TIn">What one row is made of.</typeparam>
/// <typeparam name="TOut">What is read of one row's outputs; outputs without a property are not asked for.</typeparam>
public sealed class TypedModel<TIn, TOut>
{
    private readonly IInferenceClient _client;
    private readonly InferenceCallOptions _options;
    private volatile Mapping? _mapping;

    /// <summary>Makes it; nothing is sent yet.</summary>
    /// <param name="client">What calls the model.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="options">What is asked of each call; null: nothing.</param>
    [RequiresDynamicCode("Compiles access to the properties of TIn and TOut.")]
    [RequiresUnreferencedCode("Reads the properties of TIn and TOut by reflection.")]
    public TypedModel(IInferenceClient client, string name, InferenceCallOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(name);
        (_client, Name, _options) = (client, name, options ?? InferenceCallOptions.Default);
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>Checks the types against the model's signature; the first call does it too.</summary>
    /// <exception cref="InvalidInputException">A type doesn't fit; the message names the property, what was expected and what was found.</exception>
    /// <exception cref="OrleansMlException">No such model or version, or no answer in time.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken = default) =>
        await LoadAsync(cancellationToken);

    /// <summary>Runs the model on one row.</summary>
    /// <exception cref="InvalidInputException">A type or a value doesn't fit the model's signature.</exception>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer in time.</exception>
    public async Task<TOut> InferAsync(TIn row, CancellationToken cancellationToken = default) =>
        (await InferAsync([row], cancellationToken))[0];

    /// <summary>Runs the model on rows, in one request.</summary>
    /// <param name="rows">1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One a row, in their order.</returns>
    /// <exception cref="InvalidInputException">There are no rows, or a type or a value doesn't fit the model's signature.</exception>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer in time.</exception>
    public async Task<IReadOnlyList<TOut>> InferAsync(
        IReadOnlyList<TIn> rows,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
            throw new InvalidInputException($"'{Name}': expected 1 row or more, got none.");
        var mapping = _mapping ?? await LoadAsync(cancellationToken);
        try
        {
            return await InferAsync(mapping, rows, cancellationToken);
        }
        catch (OrleansMlException e) when (e.Code == OrleansMlErrorCodes.InvalidInput)
        {
            // Calls may go to a version with another signature since it was read.
            var now = await LoadAsync(cancellationToken);
            if (now.Version == mapping.Version)
                throw;
            return await InferAsync(now, rows, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<TOut>> InferAsync(
        Mapping mapping,
        IReadOnlyList<TIn> rows,
        CancellationToken cancellationToken
    )
    {
        var response = await _client.InferAsync(
            Name,
            new InferenceRequest
            {
                Inputs = mapping.Inputs.Make(rows),
                Outputs = mapping.Outputs.Outputs,
            },
            _options,
            cancellationToken
        );
        try
        {
            return Read(mapping, response, rows.Count);
        }
        catch (InvalidOperationException e)
        {
            throw new OrleansMlException(
                null,
                OrleansMlErrorCodes.UnexpectedAnswer,
                e.Message,
                innerException: e
            );
        }
        finally
        {
            response.Release();
        }
    }

    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "The constructor says that dynamic code is required."
    )]
    private static IReadOnlyList<TOut> Read(
        Mapping mapping,
        InferenceResponse response,
        int rows
    ) => mapping.Outputs.Make(response, rows);

    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "The constructor says that dynamic code is required."
    )]
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "The constructor says that the types' properties are read by reflection."
    )]
    private async Task<Mapping> LoadAsync(CancellationToken cancellationToken)
    {
        var model = await _client.DescribeAsync(Name, _options, cancellationToken);
        return _mapping = new Mapping(
            model.Version,
            new InputMapping<TIn>(model),
            new OutputMapping<TOut>(model)
        );
    }

    private sealed record Mapping(
        int Version,
        InputMapping<TIn> Inputs,
        OutputMapping<TOut> Outputs
    );
}
