"""LSP, linearly separable synthetic patches (Yu et al., KDD 2022, arXiv 2111.00898)."""

import torch
from torch import Tensor

from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.formulas.lsp import lsp
from unlearnable_lightning.noise.l2 import l2_for
from unlearnable_lightning.release import Bound

__all__ = ["LSP", "lsp"]


class LSP(ClosedForm):
    """Patches that a linear classifier tells apart: see `lsp`.

    Args:
        l2: norm of an image's noise, pixels in [0, 1]; null takes 6/255·√(C·H·W).
        tile: side of a tile in pixels.

    Example:
        >>> module = LSP()
    """

    kind = "samplewise"

    def __init__(self, l2: float | None = None, tile: int = 8) -> None:
        super().__init__()
        self.l2, self.tile = l2, tile

    def make(
        self, images: Tensor, labels: Tensor, classes: int, generator: torch.Generator
    ) -> Tensor:
        """int16 [N, C, H, W]; see `ClosedForm.make`."""
        self.bound = Bound("l2", l2_for(images.shape[1:], self.l2, root_mean_square=6 / 255))
        return lsp(images, labels, generator, self.l2, self.tile)
