"""The views of contrastive learning with one knob, A_s: Wang, Zhu and Gao, "Efficient Availability
Attacks against Supervised and Contrastive Learning Simultaneously", arXiv 2402.04010; Chen et al.,
"A Simple Framework for Contrastive Learning" (SimCLR), arXiv 2002.05709."""

import math

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.colour import jitter, luma
from unlearnable_lightning.augment.resample import resample
from unlearnable_lightning.errors import UnlearnableError


class ContrastiveViews(nn.Module):
    """Crop and zoom, mirror, jitter the colours of, and turn gray every image, at random.

    At strength s: a window of max(1 - 0.9 s, 0.05) to 1 of the area and 3/4 to 4/3 in aspect,
    zoomed to the image's size; a mirror with probability 1/2; with min(0.99, 0.8 s) brightness,
    contrast and saturation times 1 ± 0.4 s and hue turned by ± 0.1 s; gray with 0.2 s. At strength
    0 an image stays as it is: there is no mirror either. Every image draws for itself, and all of
    it has a gradient. The four colour steps come in this order; torchvision shuffles them.

    Args:
        strength: s, from 0 to 2.5, where brightness would turn negative. The authors take 0.6
            (AUE) and 0.4 (AAP) for CIFAR-10, 1.0 and 0.8 for CIFAR-100.

    Raises:
        UnlearnableError: `strength` is out of range.
    """

    def __init__(self, strength: float = 1.0) -> None:
        if not 0 <= strength <= 2.5:
            raise UnlearnableError(
                f"ContrastiveViews got strength={strength}, but it lies in [0, 2.5], where 0 "
                "changes nothing. Give one, such as 0.6."
            )
        super().__init__()
        self.strength = strength

    def forward(self, images: Tensor) -> Tensor:
        """Float images [B, 1 or 3, H, W] in [0, 1] to the same shape and dtype.

        Raises:
            UnlearnableError: the images have neither 1 nor 3 channels.
        """
        check_float("ContrastiveViews", images)
        if images.shape[1] not in (1, 3):
            raise UnlearnableError(
                f"ContrastiveViews got images of {images.shape[1]} channels (shape "
                f"{tuple(images.shape)}), but takes 1 (gray) or 3 (RGB). Give batches "
                "[B, 1 or 3, H, W]."
            )
        if self.strength == 0:
            return images
        views = images.to(torch.promote_types(images.dtype, torch.float32))
        views = jitter(self._crop(views), *self._colours(len(images), images.device))
        gray = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.2 * self.strength
        views = views.lerp(luma(views), gray.to(views.dtype))  # faster than a choice
        return views.clamp(0, 1).to(images.dtype)

    def _crop(self, images: Tensor) -> Tensor:
        """Windows between the centres of the corner pixels, so that the largest is the image."""
        height, width = images.shape[-2:]
        tall, wide = self.draw_window(len(images), images.device)
        down, right, mirror = torch.rand(3, len(images), device=images.device)
        rows = _between(down * (1 - tall), tall, height)
        columns = _between(right * (1 - wide), wide, width)
        columns = torch.where(mirror[:, None] < 0.5, columns.flip(1), columns)
        return resample(images, rows, columns)

    def draw_window(self, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Height and width of `count` windows as shares of those of the image, float [B].

        The aspect is drawn among those with which a window of its area fits into the image;
        torchvision draws area and aspect until they fit, so that large windows get rarer.
        """
        least = max(1 - 0.9 * self.strength, 0.05)
        area, aspect = torch.rand(2, count, device=device)
        area = least + (1 - least) * area
        widest = (-area.log()).clamp(max=math.log(4 / 3))
        aspect = ((2 * aspect - 1) * widest).exp()
        return (area / aspect).sqrt().clamp(max=1), (area * aspect).sqrt().clamp(max=1)

    def _colours(self, count: int, device: torch.device) -> tuple[Tensor, ...]:
        """Factors of brightness, contrast and saturation and the turn of hue, float [B] each."""
        jittered = torch.rand(count, device=device) < min(0.99, 0.8 * self.strength)
        drawn = (2 * torch.rand(4, count, device=device) - 1) * jittered * self.strength
        return *(1 + 0.4 * drawn[:3]), 0.1 * drawn[3]

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"strength={self.strength}"


def _between(start: Tensor, share: Tensor, size: int) -> Tensor:
    """Places [B, size] in pixels, evenly from `start` over `share` of the image, both [B]."""
    steps = torch.linspace(0, 1, size, device=start.device) if size > 1 else start.new_zeros(1)
    return (size - 1) * (start[:, None] + share[:, None] * steps)
