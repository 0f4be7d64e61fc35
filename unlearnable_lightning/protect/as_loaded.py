"""A surrogate that sees pictures as a stranger's loader brings them: laid, resized, cropped."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unlearnable_lightning.models import Normalize, build_model
from unlearnable_lightning.protect.lay import axis_matrix

_LEAST_WINDOW = 0.7  # of a side: half of the picture, as random crops of photos often leave


class AsLoaded(nn.Module):
    """A network behind what happens between the noise and a victim; differentiable.

    The noise is laid on a picture of four times the size, and a loader brings that to the working
    size, or to half of it (and back, for networks of one size alone). In training every batch goes
    through one of the two, is mirrored or not, and cropped. In eval mode, where the noise steps are
    taken, the logits are the mean over the working size, and half of it mirrored: no draw.

    Args:
        network: images [B, C, s, s] in [0, 1] to logits [B, K].
        size: s.
    """

    def __init__(self, network: nn.Module, size: int) -> None:
        super().__init__()
        # the network has its own; `build_model` adds a second to what does not begin with one
        self.pixels = Normalize(mean=0, std=1)
        self.network = network
        self.register_buffer("at_size", _loader(size, size), persistent=False)
        self.register_buffer("at_half", _loader(size, max(size // 2, 1)), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, C, s, s] in [0, 1]."""
        if self.training:
            way, mirrored = torch.randint(2, (2,)).tolist()
            seen = _through(self.at_size if way else self.at_half, images)
            logits: Tensor = self.network(_window(seen.flip(3) if mirrored else seen))
            return logits
        whole, half = _through(self.at_size, images), _through(self.at_half, images).flip(3)
        both: Tensor = (self.network(whole) + self.network(half)) / 2
        return both


def _loader(size: int, loaded: int) -> Tensor:
    """[s, s]: from the noise to a picture, from that to the loader's size, and back to s."""
    picture = 4 * size
    there = axis_matrix(picture, picture, size)
    return axis_matrix(size, size, loaded) @ axis_matrix(loaded, loaded, picture) @ there


def _through(matrix: Any, images: Tensor) -> Tensor:
    matrix = matrix.to(images.dtype)
    seen: Tensor = matrix @ images @ matrix.T
    return seen


def _window(images: Tensor) -> Tensor:
    """A random square of the images, brought to their size."""
    size = images.shape[-1]
    side = int(torch.randint(max(int(_LEAST_WINDOW * size), 1), size + 1, ()))
    top, left = torch.randint(size - side + 1, (2,)).tolist()
    window = images[:, :, top : top + side, left : left + side]
    return F.interpolate(window, (size, size), mode="bilinear", align_corners=False)


def as_loaded(
    num_classes: int,
    in_channels: int,
    image_size: int,
    network: str = "cnn_small",
    network_args: dict[str, Any] | None = None,
) -> nn.Module:
    """`AsLoaded` around a network of `models/` or an import path; arguments as in `build_model`."""
    facts = {"num_classes": num_classes, "in_channels": in_channels, "image_size": image_size}
    return AsLoaded(build_model(network, model_args=network_args, **facts), image_size)
