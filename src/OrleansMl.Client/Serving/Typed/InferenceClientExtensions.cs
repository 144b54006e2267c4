using System.Diagnostics.CodeAnalysis;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Calls of models by .NET types or by the model's signature, over any transport.</summary>
public static class InferenceClientExtensions
{
    /// <summary>A model as a function of .NET types; nothing is sent yet.</summary>
    /// <param name="client">What calls the model.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="reference">A version's number, an alias or <c>latest</c>; null: the model's traffic decides.</param>
    /// <typeparam name="TIn">What one row is made of: each property is an input.</typeparam>
    /// <typeparam name="TOut">What is read of one row's outputs: each property is an output.</typeparam>
    [RequiresDynamicCode("Compiles access to the properties of TIn and TOut.")]
    [RequiresUnreferencedCode("Reads the properties of TIn and TOut by reflection.")]
    public static TypedModel<TIn, TOut> Model<TIn, TOut>(
        this IInferenceClient client,
        string name,
        string? reference = null
    ) => new(client, name, new InferenceCallOptions { Reference = reference });

    /// <summary>Runs a model on values by its signature: <c>client.InferAsync("iris", r => r.Set("x", 5.1, 3.5, 1.4, 0.2))</c>. Asks for the signature each time: hand it over by the other overload where that counts.</summary>
    /// <exception cref="InvalidInputException">A value or an input's name doesn't fit the signature.</exception>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer in time.</exception>
    public static async Task<InferenceResponse> InferAsync(
        this IInferenceClient client,
        string model,
        Action<SignedRequest> fill,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(client);
        return await client.InferAsync(
            await client.DescribeAsync(model, options, cancellationToken),
            fill,
            options,
            cancellationToken
        );
    }

    /// <summary>Runs a model on values by a signature that is known.</summary>
    /// <exception cref="InvalidInputException">A value or an input's name doesn't fit the signature.</exception>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer in time.</exception>
    public static Task<InferenceResponse> InferAsync(
        this IInferenceClient client,
        ModelDescription model,
        Action<SignedRequest> fill,
        InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(fill);
        var request = new SignedRequest(model);
        fill(request);
        return client.InferAsync(model.Model, request.Build(), options, cancellationToken);
    }

    /// <summary>An output by its name.</summary>
    /// <exception cref="InvalidInputException">The answer has none of it.</exception>
    public static InferenceTensor Output(this InferenceResponse response, string name)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.Outputs.FirstOrDefault(o => o.Name == name)
            ?? throw new InvalidInputException(
                $"'{response.Model}@{response.Version}' gave no output '{name}', but {string.Join(", ", response.Outputs.Select(o => o.Name))}."
            );
    }
}
