"""CUDA, a blur that depends on the class (Sadasivan et al., CVPR 2023, arXiv 2303.04278)."""

import torch
from torch import Tensor

from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.formulas.cuda import cuda, kernels

__all__ = ["CUDA", "cuda", "kernels"]


class CUDA(ClosedForm):
    """Images filtered by class: see `cuda`. Without a bound.

    Args:
        kernel_size: odd; 3 for 32×32, 9 for 224×224.
        blur: entries of a kernel are drawn below it, all but one, which is 1.

    Example:
        >>> module = CUDA()
    """

    kind = "samplewise"
    scales = False  # a blur of 3×3 pixels is too fine

    def __init__(self, kernel_size: int = 3, blur: float = 0.3) -> None:
        super().__init__()
        self.kernel_size, self.blur = kernel_size, blur

    def make(
        self, images: Tensor, labels: Tensor, classes: int, generator: torch.Generator
    ) -> Tensor:
        """uint8 [N, C, H, W]; see `ClosedForm.make`."""
        return cuda(images, labels, generator, self.kernel_size, self.blur)
