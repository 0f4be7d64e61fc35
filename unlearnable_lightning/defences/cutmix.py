"""CutMix: Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
Features", ICCV 2019, arXiv 1905.04899."""

import math

import torch
from torch import Tensor
from torch.distributions import Beta

from unlearnable_lightning.defences.base import Defence
from unlearnable_lightning.defences.mixup import check_alpha, mix
from unlearnable_lightning.errors import UnlearnableError

Box = tuple[slice, slice]


class CutMix(Defence):
    """Pastes one rectangle of another image of the batch into every image.

    share ~ Beta(alpha, alpha) and a centre drawn from all pixels make one rectangle per batch, of
    sides H·√(1 - share) and W·√(1 - share), cut off at the border. An image's own label weighs as
    much as the pixels of it that are left, exactly.

    Args:
        alpha: of the Beta distribution, from 1e-6 to 1e6; 1 makes all shares equally likely.
        p: probability with which a batch is mixed, above 0; the paper takes 0.5 on CIFAR.

    Raises:
        UnlearnableError: `alpha` is out of range, or `p` is not in (0, 1].

    Example:
        >>> images, targets = torch.rand(4, 3, 8, 8), torch.eye(4)
        >>> mixed, shares = CutMix()(images, targets)
    """

    def __init__(self, alpha: float = 1.0, p: float = 1.0) -> None:
        check_alpha("CutMix", alpha)
        if not 0 < p <= 1:
            raise UnlearnableError(
                f"CutMix's p is {p}; it is the probability of a mixed batch and must lie in (0, 1]."
            )
        self.alpha, self.p = alpha, p

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """As in `Defence`."""
        if self.p < 1 and torch.rand(()).item() >= self.p:
            return images, targets
        height, width = images.shape[-2:]
        box = draw_box(height, width, Beta(self.alpha, self.alpha).sample().item())
        partner = torch.randperm(len(images), device=images.device)
        kept = 1 - area(box) / (height * width)
        return paste(images, partner, box), mix(targets, partner, kept)

    __call__ = on_batch


def draw_box(height: int, width: int, share: float) -> Box:
    """Rows and columns of a rectangle that takes 1 - share of the image, before it is cut off."""
    sides = []
    for side in (height, width):
        length = int(side * math.sqrt(1 - share))
        first = int(torch.randint(side, ()).item()) - length // 2
        sides.append(slice(max(first, 0), min(first + length, side)))
    return sides[0], sides[1]


def area(box: Box) -> int:
    """Pixels in it."""
    rows, columns = box
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def paste(images: Tensor, partner: Tensor, box: Box) -> Tensor:
    """Copies of images [B, C, H, W] with the rectangle of `images[partner]`, as it was before."""
    mixed = images.clone()
    mixed[..., box[0], box[1]] = images[partner][..., box[0], box[1]]
    return mixed
