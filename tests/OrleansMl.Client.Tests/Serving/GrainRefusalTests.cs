using System.Net;
using System.Reflection;
using Orleans;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Tests.Serving;

public sealed class GrainRefusalTests
{
    [Fact]
    public async Task A_refused_token_is_told_as_forbidden_and_not_asked_again()
    {
        var grain = new RefusingGrain();
        var factory = DispatchProxy.Create<IGrainFactory, OneGrainFactory>();
        ((OneGrainFactory)factory).Grain = grain;
        using var client = InferenceClient.OverGrains(factory);

        var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
            client.InferAsync(
                "m",
                new InferenceRequest { Inputs = [] },
                cancellationToken: TestContext.Current.CancellationToken
            )
        );

        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (error.Status, error.Code));
        Assert.Equal("may not", error.Message);
        Assert.Equal(1, grain.Calls);
    }

    private sealed class RefusingGrain : IModelInferenceGrain
    {
        public int Calls { get; private set; }

        public Task<InferenceResponse> InferAsync(
            string reference,
            string? key,
            InferenceRequest request,
            CancellationToken cancellationToken
        )
        {
            Calls++;
            throw new AccessRefusedException("may not");
        }

        public Task<ModelDescription> DescribeAsync(
            string reference,
            CancellationToken cancellationToken
        ) => throw new AccessRefusedException("may not");
    }
}
