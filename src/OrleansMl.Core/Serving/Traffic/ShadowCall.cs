using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>An answered call on its way to a shadow. It holds the tensors' memory.</summary>
internal sealed record ShadowCall(
    TrafficStage Stage,
    int Version,
    ModelVersionId Shadow,
    InferenceRequest Request,
    InferenceResponse Response,
    double Seconds,
    long Bytes
)
{
    public void Release()
    {
        Request.Memory?.Release();
        Response.Memory?.Release();
    }
}
