"""AR, autoregressive noise (Sandoval-Segura et al., NeurIPS 2022, arXiv 2206.03693)."""

import torch
from torch import Tensor

from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.formulas.ar import ROOT_MEAN_SQUARE, ar
from unlearnable_lightning.noise.l2 import l2_for
from unlearnable_lightning.release import Bound

__all__ = ["AR", "ROOT_MEAN_SQUARE", "ar"]


class AR(ClosedForm):
    """Autoregressive noise: see `ar`.

    Args:
        l2: norm of an image's noise, pixels in [0, 1]; null takes √(C·H·W / 3072).
        coefficients: a file that the search in `ar_coefficients` wrote; null takes ours.

    Example:
        >>> module = AR()
    """

    kind = "samplewise"
    scales = False  # filters of 3×3 pixels name the class

    def __init__(self, l2: float | None = None, coefficients: str | None = None) -> None:
        super().__init__()
        self.l2, self.coefficients = l2, coefficients

    def make(
        self, images: Tensor, labels: Tensor, classes: int, generator: torch.Generator
    ) -> Tensor:
        """int16 [N, C, H, W]; see `ClosedForm.make`."""
        self.bound = Bound("l2", l2_for(images.shape[1:], self.l2, ROOT_MEAN_SQUARE))
        return ar(images, labels, generator, self.l2, self.coefficients)
