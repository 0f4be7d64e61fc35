"""OPS, one-pixel shortcut (Wu et al., ICLR 2023, arXiv 2205.12141), and CIFAR-10-S."""

import torch
from torch import Tensor

from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.formulas.ops import Shortcut, cifar10_s, ops, shortcuts
from unlearnable_lightning.release import Bound

__all__ = ["OPS", "Shortcut", "cifar10_s", "ops", "shortcuts"]


class OPS(ClosedForm):
    """One-pixel shortcut: see `ops`.

    Args:
        pixels: how many positions per class are set.

    Example:
        >>> module = OPS()
    """

    kind = "samplewise"
    scales = False  # one pixel is averaged away

    def __init__(self, pixels: int = 1) -> None:
        super().__init__()
        self.pixels = pixels
        self.bound = Bound("l0", pixels)

    def make(
        self, images: Tensor, labels: Tensor, classes: int, generator: torch.Generator
    ) -> Tensor:
        """uint8 [N, C, H, W]; see `ClosedForm.make`."""
        return ops(images, labels, generator, self.pixels)
