using TorchSharp;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>One step of a network: x, and whether it trains, to y.</summary>
internal delegate torch.Tensor LayerStep(torch.Tensor x, bool training);
