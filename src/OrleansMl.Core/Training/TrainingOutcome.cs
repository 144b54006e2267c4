using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>What an attempt made.</summary>
public sealed record TrainingOutcome
{
    /// <summary>Whether it stopped after a checkpoint because the observer asked for a hand-over; the rest is empty then.</summary>
    public bool HandedOver { get; init; }

    /// <summary>The ONNX file.</summary>
    public string OnnxPath { get; init; } = "";

    /// <summary>The weights, safetensors.</summary>
    public string WeightsPath { get; init; } = "";

    /// <summary>Raw inputs and the trained model's outputs for some rows; see GoldenCheck in Core/Serving.</summary>
    public string GoldenPath { get; init; } = "";

    /// <summary>What the ONNX file takes and gives.</summary>
    public ModelSignature? Signature { get; init; }

    /// <summary>Scores on every split that has rows, by the exported ONNX model's semantics.</summary>
    public IReadOnlyList<Evaluation> Evaluations { get; init; } = [];

    /// <summary>Where it ended.</summary>
    public TrainingProgress? Progress { get; init; }

    /// <summary>Seconds of training, earlier attempts included.</summary>
    public double TrainingSeconds { get; init; }
}
