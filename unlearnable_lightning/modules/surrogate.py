"""A network as attacks and the sweep need it: frozen, folded, in one precision."""

import copy
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

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
        plain = getattr(type(model), "forward", None) is nn.Sequential.forward
        layers: list[nn.Module] = [*model.children()] if plain else [model]
        starts = isinstance(layers[0], Normalize)
        self.normalize = copy.deepcopy(layers[0]) if starts else nn.Identity()
        source = nn.Sequential(*layers[1:]) if starts else model
        self._source = [source]  # in a list: it is no part of this module
        self.network: nn.Module = copy.deepcopy(source).eval()
        self.folds: dict[str, str] = {}
        traced = trace(self.network)
        if traced is not None:
            self.folds = fold(traced)
            self.network = traced
        self.network.to(dtype).to(memory_format=torch.channels_last)
        self.dtype = dtype
        self.eval().requires_grad_(False)
        self.refresh()

    @torch.no_grad()
    def refresh(self) -> None:
        """Takes over the weights and statistics that the model has now."""
        source: Any = self._source[0]
        theirs = dict(source.named_parameters()) | dict(source.named_buffers())
        ours = dict(self.network.named_parameters()) | dict(self.network.named_buffers())
        for conv_name, norm_name in self.folds.items():
            conv, norm = source.get_submodule(conv_name), source.get_submodule(norm_name)
            theirs[f"{conv_name}.weight"], theirs[f"{conv_name}.bias"] = fuse_conv_bn_weights(
                *(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps),
                *(norm.weight, norm.bias),
            )
        for name, tensor in ours.items():
            tensor.copy_(theirs[name])

    def forward(self, images: Tensor) -> Tensor:
        """Logits, float32 [B, K], of images [B, C, H, W] in [0, 1]."""
        inputs = self.normalize(images).to(self.dtype, memory_format=torch.channels_last)
        if self.dtype == torch.float32:
            return self.network(inputs).float()  # of float16, if the caller autocasts
        with torch.autocast(images.device.type, enabled=False):  # all of it is cast already
            return self.network(inputs).float()


def trace(model: nn.Module) -> fx.GraphModule | None:
    """`model` as a graph, or None if torch.fx cannot follow `forward` (a branch in it depends on
    the data) or folding would be wrong: a layer that is called twice cannot take in two
    BatchNorms."""
    try:
        traced = fx.symbolic_trace(model)
    except (fx.proxy.TraceError, TypeError, ValueError, RuntimeError):
        return None
    called = [str(node.target) for node in traced.graph.nodes if node.op == "call_module"]
    weighted = [name for name in called if [*traced.get_submodule(name).parameters()]]
    return traced if len(weighted) == len(set(weighted)) else None


def fold(traced: fx.GraphModule) -> dict[str, str]:
    """Takes every BatchNorm out of the graph that follows a convolution and nothing else reads.

    Returns:
        Names of the convolutions, which have a bias now, and of their BatchNorms.
    """
    folds = {}
    for node in traced.graph.nodes:
        before = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) > 1:
            continue
        conv, norm = (traced.get_submodule(str(each.target)) for each in (before, node))
        if not (isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)):
            continue
        if norm.running_mean is None:  # it normalises by the batch
            continue
        if conv.bias is None:
            conv.bias = nn.Parameter(conv.weight.new_zeros(conv.out_channels))
        node.replace_all_uses_with(before)
        traced.graph.erase_node(node)
        folds[str(before.target)] = str(node.target)
    traced.delete_all_unused_submodules()
    traced.recompile()
    return folds
