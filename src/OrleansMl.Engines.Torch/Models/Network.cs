using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Datasets;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>A plan that runs: encoders side by side, the combiner, the heads.</summary>
internal sealed class Network
{
    private readonly IReadOnlyList<(LayerStep Encoder, bool Image)> _groups;
    private readonly LayerStep _combiner;
    private readonly IReadOnlyList<LayerStep> _heads;

    /// <summary>Binds a plan to its parameters.</summary>
    public Network(ModelPlan plan, NetworkParameters parameters)
    {
        Plan = plan;
        Parameters = parameters;
        var compiler = new LayerCompiler(parameters);
        _groups =
        [
            .. InputGroup
                .Of(plan)
                .Select(group =>
                    (
                        compiler.Compile(
                            ParameterNames.Encoder(group.Inputs[0].Name),
                            group.Inputs[0].Encoder
                        ),
                        group.Inputs[0].Transform is ImageTransform
                    )
                ),
        ];
        _combiner = compiler.Compile(ParameterNames.Combiner, plan.Combiner);
        _heads =
        [
            .. plan.Heads.Select(head =>
                compiler.Compile(ParameterNames.Head(head.Name), head.Layers)
            ),
        ];
    }

    /// <summary>What it was made from.</summary>
    public ModelPlan Plan { get; }

    /// <summary>Its state.</summary>
    public NetworkParameters Parameters { get; }

    /// <summary>A tensor a head: logits N×C for a category, N×1 for the others.</summary>
    public IReadOnlyList<torch.Tensor> Forward(Batch batch, bool training)
    {
        var encoded = new torch.Tensor[_groups.Count];
        for (var i = 0; i < encoded.Length; i++)
        {
            var (encoder, image) = _groups[i];
            // A view: convolutions see the pixels' own order, channels last, and keep it in what they give.
            var x = image ? batch.Features[i].permute(0, 3, 1, 2) : batch.Features[i];
            encoded[i] = encoder(x, training);
        }
        var combined = _combiner(
            encoded.Length == 1 ? encoded[0] : torch.cat(encoded, 1),
            training
        );
        return [.. _heads.Select(head => head(combined, training))];
    }
}
