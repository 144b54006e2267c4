using System.Security.Cryptography;
using System.Text;
using CsCheck;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;

namespace OrleansMl.Core.Tests.Serving.Caching;

public sealed class RequestDigestTests
{
    // Few letters and short lists, so that what differs only in where one thing ends and the next begins is met.
    private static readonly Gen<string> Text = Gen.Char["ab"]
        .Array[0, 3]
        .Select(of => new string(of));

    private static readonly Gen<InferenceRequest> Requests = Gen.Select(
        Gen.Select(Text, Text, Gen.Long[1, 2].Array[0, 2], Gen.Byte[97, 98].Array[0, 3]).Array[
            0,
            2
        ],
        Text.Array[0, 2],
        (inputs, outputs) =>
            new InferenceRequest
            {
                Inputs =
                [
                    .. inputs.Select(input => new InferenceTensor
                    {
                        Name = input.Item1,
                        Datatype = input.Item2,
                        Shape = input.Item3,
                        Data = input.Item4,
                    }),
                ],
                Outputs = outputs,
            }
    );

    [Fact]
    public void Two_requests_have_one_digest_only_if_they_are_one_request() =>
        Gen.Select(Requests, Requests)
            .Sample(
                (one, other) =>
                    (Write(one) == Write(other))
                    == (RequestDigest.Of(one) == RequestDigest.Of(other)),
                iter: 20_000
            );

    [Fact]
    public void What_is_not_in_the_answer_is_not_in_the_digest()
    {
        var request = CacheWorld.Request(1, 2);
        var version = new ModelVersionId("churn", 3);

        Assert.Equal(
            RequestDigest.Of(request, version, 1),
            RequestDigest.Of(
                request with
                {
                    Id = "other",
                    Parameters = new InferenceParameters { Priority = 1 },
                },
                version,
                1
            )
        );
        Assert.NotEqual(
            RequestDigest.Of(request, version, 1),
            RequestDigest.Of(request, version, 2)
        );
        Assert.NotEqual(
            RequestDigest.Of(request, version, 1),
            RequestDigest.Of(request, new ModelVersionId("churn", 4), 1)
        );
    }

    [Fact]
    public void It_is_the_sha_256_of_what_it_stands_for()
    {
        // No inputs, no outputs: the two counts.
        var expected = Convert.ToHexStringLower(SHA256.HashData(new byte[16]));

        Assert.Equal(expected, RequestDigest.Of(new InferenceRequest { Inputs = [] }).ToString());
    }

    private static string Write(InferenceRequest request)
    {
        var text = new StringBuilder();
        foreach (var input in request.Inputs)
            text.Append(
                $"[{input.Name}|{input.Datatype}|{string.Join(',', input.Shape)}|{Convert.ToHexString(input.Data.Span)}]"
            );
        return text.AppendJoin('|', request.Outputs.Select(output => $"<{output}>")).ToString();
    }
}
