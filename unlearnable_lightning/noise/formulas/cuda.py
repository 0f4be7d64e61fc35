"""CUDA, a blur that depends on the class (Sadasivan et al., CVPR 2023, arXiv 2303.04278)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.by_class import rows_by_class


def cuda(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    kernel_size: int = 3,
    blur: float = 0.3,
) -> Tensor:
    """Images filtered with the kernel of their class, each stretched so that its brightest is 255.

    Large and without a bound. A black image stays as it is.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        generator: of the kernels.
        kernel_size: odd; 3 for 32×32, 9 for 224×224.
        blur: entries of a kernel are drawn below it, all but one, which is 1 (p_b in the paper);
            0.3 for 32×32, 0.06 for 224×224.

    Returns:
        uint8 [N, C, H, W].

    Raises:
        UnlearnableError: an even or too small kernel, a blur out of range.
    """
    rows_of = rows_by_class(images, labels)
    poisoned = torch.empty(images.shape, dtype=torch.uint8)
    kernel_of = kernels(len(rows_of), generator, kernel_size, blur)
    for kernel, pieces in zip(kernel_of, rows_of, strict=True):
        for rows in pieces:
            filtered = _filter(images[rows].double(), kernel)
            brightest = filtered.amax((1, 2, 3), keepdim=True)
            brightest[brightest == 0] = 1  # a black image, 0/0
            poisoned[rows] = (filtered * (255 / brightest)).round_().to(torch.uint8)
    return poisoned


def _filter(images: Tensor, kernel: Tensor) -> Tensor:
    """Every channel by itself with one k×k kernel, zeros around the image; float64 [n, C, H, W].

    A sum of shifted images takes a fifth of the time of a float64 convolution.
    """
    height, width = images.shape[2:]
    padded = F.pad(images, [len(kernel) // 2] * 4)
    filtered = torch.zeros_like(images)
    for i, row in enumerate(kernel.tolist()):
        for j, weight in enumerate(row):
            filtered.add_(padded[:, :, i : i + height, j : j + width], alpha=weight)
    return filtered


def kernels(
    classes: int, generator: torch.Generator, kernel_size: int = 3, blur: float = 0.3
) -> Tensor:
    """A kernel per class, float64 [K, k, k]: one entry 1, the others in [0, blur).

    Arguments and errors as for `cuda`.
    """
    rule = "it must be odd, so that the image keeps its size, and at least 3; 9 for 224×224"
    kernel_size = whole_number("kernel_size", kernel_size, 3, rule)
    if kernel_size % 2 == 0:
        raise UnlearnableError(f"kernel_size={kernel_size}: {rule}. Give the next number.")
    if not 0 < blur <= 1:
        raise UnlearnableError(
            f"blur={blur} is out of range: it must be above 0 and at most 1. Take 0.3 for small "
            "images, 0.06 for 224×224."
        )
    found = torch.empty(classes, kernel_size, kernel_size, dtype=torch.float64)
    for kernel in found:
        kernel.uniform_(0, blur, generator=generator)
        one = torch.randint(kernel.numel(), (), generator=generator)
        kernel.view(-1)[one] = 1
    return found
