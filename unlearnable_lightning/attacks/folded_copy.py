"""A copy of a model for gradients of its input: BatchNorm folded, one precision, channels-last."""

import copy
from collections import Counter

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from unlearnable_lightning.attacks.outline import NoCopyError, outline
from unlearnable_lightning.attacks.reference import Reference
from unlearnable_lightning.models import Normalize


class FoldedCopy(nn.Module):
    """The graph of a model in eval mode, frozen, float32 until `cast`.

    Each BatchNorm is folded into the convolution before it where that is the same: in eval mode
    they are one affine map, and a sweep is bound by memory traffic.

    Args:
        model: copied, never changed.

    Raises:
        Exception: of whatever kind, if the model cannot be copied or torch.fx cannot follow it.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.outline = outline(model)
        first, source = _split(model)
        self.normalize = copy.deepcopy(first)  # has no state
        self.network = fx.symbolic_trace(copy.deepcopy(source).eval())
        self.folds = fold(self.network)
        self.dtype = torch.float32
        self.original, self.source = Reference(model), Reference(source)
        self.requires_grad_(False)
        self.cast(torch.float32)

    def cast(self, dtype: torch.dtype) -> None:
        """Weights once, instead of at every call."""
        self.dtype = dtype
        self.network.to(dtype).to(memory_format=torch.channels_last)
        self.eval()
        self.load()

    def is_current(self) -> bool:
        """Whether nothing but values has changed in the model since it was copied."""
        try:
            return outline(self.original.model) == self.outline
        except NoCopyError:
            return False

    @torch.no_grad()
    def load(self) -> None:
        """Takes over the weights and statistics that the model has now.

        Raises:
            NoCopyError: torch.fx made a constant of what the model computes anew.
        """
        source = self.source.model
        theirs = _values(source)
        for conv_name, norm_name in self.folds.items():
            conv, norm = (source.get_submodule(name) for name in (conv_name, norm_name))
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            assert norm.running_mean is not None
            assert norm.running_var is not None
            theirs[f"{conv_name}.weight"], theirs[f"{conv_name}.bias"] = fuse_conv_bn_weights(
                *(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps),
                *(norm.weight, norm.bias),
            )
        for name, tensor in _values(self.network).items():
            if name not in theirs:
                raise NoCopyError(f"{name} is no parameter or buffer of the model")
            tensor.copy_(theirs[name])

    def forward(self, images: Tensor) -> Tensor:
        """Logits, float32 [B, K], of images [B, C, H, W] in [0, 1].

        Images are normalised in float32 before they are cast: near white, bfloat16 has no two
        values closer than a grey level, and a step of the sweep is less.
        """
        inputs = self.normalize(images).to(self.dtype, memory_format=torch.channels_last)
        logits: Tensor
        if self.dtype == torch.float32:
            logits = self.network(inputs)  # float16, if the caller autocasts
        else:
            with torch.autocast(images.device.type, enabled=False):  # all of it is cast already
                logits = self.network(inputs)
        return logits.float()


def _split(model: nn.Module) -> tuple[nn.Module, nn.Module]:
    """`Normalize`, if a plain sequence begins with it, and the rest."""
    if not (isinstance(model, nn.Sequential) and type(model).forward is nn.Sequential.forward):
        return nn.Identity(), model
    layers = [*model]  # not children(): it leaves out a layer's second use
    if not layers or not isinstance(layers[0], Normalize):
        return nn.Identity(), model
    if type(layers[0]) is not Normalize:
        raise NoCopyError("a Normalize of the user's own needs float32, and may have a state")
    return layers[0], nn.Sequential(*layers[1:])


def _values(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by all their names: a copy may know one by another than the first."""
    parameters = model.named_parameters(remove_duplicate=False)
    return {**dict(parameters), **dict(model.named_buffers(remove_duplicate=False))}


def fold(traced: fx.GraphModule) -> dict[str, str]:
    """Takes every BatchNorm2d out of the graph that follows a Conv2d and nothing else reads.

    Both must be called once, be no subclass (a parametrised layer is one), and the weights of the
    convolution must have no other owner or reader. Hooks there are none (`outline`).

    Returns:
        Names of the convolutions, which have a bias now, and of their BatchNorms.
    """
    nodes = list(traced.graph.nodes)
    layers = {n: traced.get_submodule(str(n.target)) for n in nodes if n.op == "call_module"}
    calls = Counter(id(layer) for layer in layers.values())
    read = {id(_attribute(traced, str(n.target))) for n in nodes if n.op == "get_attr"}
    owned = Counter(id(w) for module in traced.modules() for w in module.parameters(recurse=False))
    folds = {}
    for node, norm in layers.items():
        before = node.args[0] if node.args else None
        if not isinstance(before, fx.Node) or before not in layers:
            continue
        conv = layers[before]
        if type(conv) is not nn.Conv2d or type(norm) is not nn.BatchNorm2d:
            continue
        if len(before.users) > 1 or calls[id(conv)] > 1 or calls[id(norm)] > 1:
            continue
        if norm.running_mean is None:  # it normalises by the batch
            continue
        if any(id(w) in read or owned[id(w)] > 1 for w in conv.parameters()):
            continue
        if conv.bias is None:
            conv.bias = nn.Parameter(conv.weight.new_zeros(conv.out_channels))
        node.replace_all_uses_with(before)
        traced.graph.erase_node(node)
        folds[str(before.target)] = str(node.target)
    traced.delete_all_unused_submodules()
    traced.recompile()
    return folds


def _attribute(traced: fx.GraphModule, path: str) -> object:
    owner, _, name = path.rpartition(".")
    return getattr(traced.get_submodule(owner), name)
