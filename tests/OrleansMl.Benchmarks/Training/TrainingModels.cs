namespace OrleansMl.Benchmarks.Training;

/// <summary>The models of the comparison; peers/train_torch.py has the same.</summary>
internal static class TrainingModels
{
    public const int BatchSize = 128;

    /// <summary>A configuration.</summary>
    /// <param name="model"><c>mlp</c>: 784-128-10. <c>cnn</c>: two 3×3 convolutions of 32 and 64 channels, pooled by 2, then 128 and 10.</param>
    /// <param name="trainer">Lines under <c>trainer:</c>.</param>
    /// <param name="checkpoints">What stands after <c>checkpoints:</c>.</param>
    public static string Config(string model, string trainer, string checkpoints = "{}") =>
        $$"""
            model: bench
            dataset: fashion
            input_features:
              - name: image
                type: image
                encoder: {{Encoder(model)}}
            output_features: [{ name: label, type: category }]
            trainer: { batch_size: {{BatchSize}}, optimizer: { type: adam, learning_rate: 0.002 }, {{trainer}} }
            checkpoints: {{checkpoints}}
            """;

    private static string Encoder(string model) =>
        model switch
        {
            "mlp" => "{ type: mlp, hidden: [128] }",
            "cnn" => "{ type: cnn, channels: [32, 64], hidden: [128] }",
            "small_cnn" => "{ type: cnn, channels: [8, 16], hidden: [32] }",
            _ => throw new ArgumentOutOfRangeException(nameof(model), model, "unknown model"),
        };
}
