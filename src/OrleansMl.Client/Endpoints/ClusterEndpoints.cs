using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client.Endpoints;

/// <summary>The cluster's own list of gateways, from the first endpoint that gives it.</summary>
/// <param name="http">What asks; not disposed here.</param>
/// <param name="isGrpc">Whether the endpoints are gRPC's, which speak HTTP/2 alone.</param>
/// <param name="apiKey">Sent where the gateways want one.</param>
/// <param name="limit">The most time for one endpoint's answer.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterEndpoints(
    HttpMessageInvoker http,
    bool isGrpc,
    string? apiKey,
    TimeSpan limit,
    TimeProvider time
) : IEndpointSource
{
    public async Task<IReadOnlyList<Uri>> ListAsync(
        IReadOnlyList<Uri> known,
        CancellationToken cancellationToken
    )
    {
        foreach (var endpoint in known)
        {
            using var timeout = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(
                timeout.Token,
                cancellationToken
            );
            try
            {
                if (await AskAsync(endpoint, either.Token) is { Count: > 0 } found)
                    return found;
            }
            catch (Exception e)
                when (e is HttpRequestException or IOException or JsonException
                    || (
                        e is OperationCanceledException
                        && !cancellationToken.IsCancellationRequested
                    )
                )
            {
                // This one doesn't tell now; the next may. When none does, the last list stays.
                continue;
            }
        }
        return [];
    }

    private async Task<IReadOnlyList<Uri>> AskAsync(
        Uri endpoint,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(endpoint, "api/v1/gateways")
        );
        if (isGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }
        if (!string.IsNullOrEmpty(apiKey))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            return [];
        var gateways = await JsonSerializer.DeserializeAsync<IReadOnlyList<GatewayEndpoint>>(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            ContractsJson.Options,
            cancellationToken
        );
        return
        [
            .. (gateways ?? [])
                .Select(gateway => isGrpc ? gateway.GrpcUrl : gateway.Url)
                .Where(url => Uri.IsWellFormedUriString(url, UriKind.Absolute))
                .Select(url => new Uri(url!)),
        ];
    }
}
