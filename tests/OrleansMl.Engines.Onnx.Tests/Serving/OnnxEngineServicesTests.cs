using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Serving;
using OrleansMl.Engines.Onnx.Serving;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

public sealed class OnnxEngineServicesTests
{
    private static ServiceProvider Services(Action<OnnxEngineOptions> configure) =>
        new ServiceCollection()
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddOnnxEngine(configure)
            .BuildServiceProvider();

    [Fact]
    public void The_engine_is_registered_with_its_options()
    {
        using var services = Services(o => o.IntraOpThreads = 2);

        Assert.NotNull(services.GetRequiredService<IInferenceEngine>());
        Assert.Equal(
            2,
            services.GetRequiredService<IOptions<OnnxEngineOptions>>().Value.IntraOpThreads
        );
    }

    [Fact]
    public void Wrong_options_are_refused_by_key()
    {
        using var services = Services(o =>
        {
            o.ExecutionProvider = "tpu";
            o.IntraOpThreads = 0;
            o.LoadTimeout = TimeSpan.Zero;
        });

        var error = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredService<IInferenceEngine>()
        );

        Assert.Contains(
            "OnnxEngineOptions.ExecutionProvider: expected cpu or cuda, got tpu.",
            error.Failures
        );
        Assert.Contains(
            "OnnxEngineOptions.IntraOpThreads: expected 1 to 256, got 0.",
            error.Failures
        );
        Assert.Equal(3, error.Failures.Count());
    }

    [Fact]
    public void Cuda_without_the_gpu_build_is_refused_when_the_engine_is_made()
    {
        using var services = Services(o => o.ExecutionProvider = "cuda");

        var error = Assert.Throws<InvalidOperationException>(() =>
            services.GetRequiredService<IInferenceEngine>()
        );

        Assert.Contains("build with -p:Accelerator=cuda or set cpu", error.Message);
    }
}
