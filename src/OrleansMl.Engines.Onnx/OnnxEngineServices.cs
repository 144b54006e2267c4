using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Serving;
using OrleansMl.Engines.Onnx.Serving;

namespace OrleansMl.Engines.Onnx;

/// <summary>Registers the ONNX engine.</summary>
public static class OnnxEngineServices
{
    /// <summary>
    /// Adds <see cref="IInferenceEngine"/> on ONNX Runtime; options are validated at start. The process must set
    /// <c>ORT_DISABLE_TELEMETRY=1</c> in its native environment before the first model loads, or the native library
    /// starts a telemetry thread: Environment.SetEnvironmentVariable comes too late for it.
    /// </summary>
    public static IServiceCollection AddOnnxEngine(
        this IServiceCollection services,
        Action<OnnxEngineOptions>? configure = null
    )
    {
        var options = services.AddOptions<OnnxEngineOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<
                IValidateOptions<OnnxEngineOptions>,
                OnnxEngineOptionsValidator
            >()
        );
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IInferenceEngine, OnnxInferenceEngine>();
        return services;
    }
}
