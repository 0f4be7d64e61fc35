"""AR, autoregressive noise (Sandoval-Segura et al., NeurIPS 2022, arXiv 2206.03693).

Every class has a linear recurrence per channel; every image gets a field that grows by it from a
random border. One small filter per class names it, no linear model does.
"""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.by_class import rows_by_class
from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.l2 import grey_levels, l2_for, scaled
from unlearnable_lightning.noise.methods.ar_coefficients import coefficients_for
from unlearnable_lightning.noise.methods.ar_recurrence import border_size, grow
from unlearnable_lightning.release import Bound

ROOT_MEAN_SQUARE = 3072**-0.5
"""Of the published noise: L2 1 on 3×32×32, L2 3 on 3×96×96."""


def ar(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    l2: float | None = None,
    coefficients: str | None = None,
) -> Tensor:
    """Noise by the recurrence of each image's class. L2 is its only bound.

    Args:
        images: uint8 [N, C, H, W]; of grey images the first channel's recurrence is taken.
        labels: int64 [N].
        generator: of the borders.
        l2: norm of an image's noise, pixels in [0, 1]; null takes √(C·H·W / 3072), which is 1 for
            3×32×32.
        coefficients: a file that `ar_search` wrote; null takes ours, for images
            of about 32×32. On larger ones their fields grow towards the lower right: search with
            the `--size` of the images.

    Returns:
        int16 [N, C, H, W], differences in grey levels, not clipped to the image.

    Raises:
        UnlearnableError: more classes than coefficients, a norm out of range, a file that is none,
            coefficients whose fields grow beyond all bounds at this image size.
    """
    rows_of = rows_by_class(images, labels)
    channels, height, width = images.shape[1:]
    norm = l2_for(images.shape[1:], l2, ROOT_MEAN_SQUARE)
    weights = coefficients_for(len(rows_of), coefficients)[:, :channels]
    noise = torch.empty(images.shape, dtype=torch.int16)
    size = channels, border_size(height, width)
    for label, pieces in enumerate(rows_of):
        for rows in pieces:
            borders = torch.randn(len(rows), *size, generator=generator, dtype=torch.float64)
            fields = grow(weights[label], borders, height, width)
            if not bool(fields.isfinite().all()):
                raise UnlearnableError(
                    f"the noise of class {label} has no end at {height}×{width} pixels: its "
                    "coefficients were not found at this size. Search for others with its `--size`."
                )
            noise[rows] = grey_levels(scaled(fields, norm))
    return noise


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
