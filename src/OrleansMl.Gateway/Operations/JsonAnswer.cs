using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Operations;

/// <summary>Answers in the one JSON form of the contracts, whatever the host configured for its own routes.</summary>
internal static class JsonAnswer
{
    public static IResult Of<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, ContractsJson.Options, statusCode: status);
}
