"""The surrogate as the sweep needs it: frozen, folded, in one precision."""

import copy

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse

from unlearnable_lightning.models import Normalize


class FrozenSurrogate(nn.Module):
    """A copy of a model for many gradient steps on its input.

    Each BatchNorm is folded into the convolution before it (in eval mode they are one affine map,
    and a sweep is bound by memory traffic), weights are cast once instead of at every call, and
    convolutions run channels-last. Images are normalised in float32 before they are cast: near
    white, bfloat16 has no two values closer than a grey level, and a step of the sweep is less.

    Args:
        model: copied, never changed. A model that torch.fx cannot trace is copied unfolded.
        dtype: of the weights and of the arithmetic; logits come back as float32.
    """

    def __init__(self, model: nn.Module, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        copied = copy.deepcopy(model).eval()
        plain = getattr(type(copied), "forward", None) is nn.Sequential.forward
        layers: list[nn.Module] = [*copied.children()] if plain else [copied]
        starts = isinstance(layers[0], Normalize)
        self.normalize = layers[0] if starts else nn.Identity()
        network = nn.Sequential(*layers[1:]) if starts else copied
        self.folded = traceable(network)
        network = fuse(network) if self.folded else network
        self.network = network.to(dtype).to(memory_format=torch.channels_last)
        self.dtype = dtype
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Logits, float32 [B, K], of images [B, C, H, W] in [0, 1]."""
        inputs = self.normalize(images).to(self.dtype, memory_format=torch.channels_last)
        return self.network(inputs).float()


def traceable(model: nn.Module) -> bool:
    """Whether torch.fx can follow `forward` (no branch in it depends on the data), and folding is
    right: a layer with weights that is called twice cannot take in two BatchNorms."""
    try:
        traced = fx.symbolic_trace(model)
    except (fx.proxy.TraceError, TypeError, ValueError, RuntimeError):
        return False
    called = [str(node.target) for node in traced.graph.nodes if node.op == "call_module"]
    weighted = [name for name in called if [*traced.get_submodule(name).parameters()]]
    return len(weighted) == len(set(weighted))
