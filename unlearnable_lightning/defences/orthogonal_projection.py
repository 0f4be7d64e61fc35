"""Orthogonal projection: Sandoval-Segura et al., "What Can We Learn from Unlearnable Datasets?",
NeurIPS 2023, arXiv 2305.19254."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.defences.base import Defence
from unlearnable_lightning.errors import UnlearnableError

_CHUNK = 5000  # images that are float at once: 61 MB at 32×32 pixels


class OrthogonalProjection(Defence):
    """Takes the directions of a linear classifier out of the training images.

    A linear model that is trained for a short time on poisoned pixels learns class-wise noise
    before anything else. Its K weight vectors span what is then removed. The number of steps is
    fixed, not that of epochs: with a fifth of the images the same epochs are a fifth of the steps
    and remove 45 % of the noise energy instead of 60 to 79 %.

    The result is float and leaves [0, 1]; test images stay as they are.

    Args:
        steps: of SGD; the rate falls to a tenth after a half and again after three quarters.
        lr: learning rate, no momentum, no weight decay.
        batch_size: images per step, in their order.
        seed: of the first weights.

    Raises:
        UnlearnableError: a count below 1, or a rate that is not above 0 or not finite.

    Example:
        >>> images = torch.randint(0, 256, (40, 3, 8, 8), dtype=torch.uint8)
        >>> projected = OrthogonalProjection(steps=20).on_dataset(images, torch.arange(40) % 4)
    """

    def __init__(
        self, steps: int = 980, lr: float = 0.1, batch_size: int = 1024, seed: int = 0
    ) -> None:
        for name, count in (("steps", steps), ("batch_size", batch_size)):
            whole_number(name, count, 1, "OrthogonalProjection needs at least 1")
        check_seed(seed)
        if not 0 < lr < math.inf:
            raise UnlearnableError(f"OrthogonalProjection's lr is {lr}; it must be above 0.")
        self.steps, self.lr, self.batch_size, self.seed = steps, lr, batch_size, seed

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        """As in `Defence`.

        Raises:
            UnlearnableError: the classifier diverges at this rate.
        """
        weight = self.train_linear(images, labels)
        return project_out(images, orthonormal(weight))

    def train_linear(self, images: Tensor, labels: Tensor) -> Tensor:
        """Weights [K, C·H·W] of a linear classifier without bias on pixels in [0, 1]."""
        features, classes = images[0].numel(), int(labels.max()) + 1
        generator = torch.Generator().manual_seed(self.seed)
        first = (2 * torch.rand(classes, features, generator=generator) - 1) / features**0.5
        weight: Tensor = first.requires_grad_()
        with torch.inference_mode(False), torch.enable_grad():
            for step in range(self.steps):
                rows = self._rows(step, len(images))
                loss = cross_entropy(_pixels(images[rows]) @ weight.T, labels[rows])
                (gradient,) = torch.autograd.grad(loss, weight)
                rate = self.lr * 0.1 ** ((2 * step >= self.steps) + (4 * step >= 3 * self.steps))
                weight.data.sub_(gradient, alpha=rate)
        if not weight.isfinite().all():
            raise UnlearnableError(
                f"the weights of OrthogonalProjection grew beyond all bounds at lr={self.lr}. "
                "Lower it; 0.1 is usual."
            )
        return weight.detach()

    def _rows(self, step: int, count: int) -> slice:
        """The images of a step: batch after batch in their order, the last of a pass shorter."""
        batches = -(-count // self.batch_size)
        start = step % batches * self.batch_size
        return slice(start, start + self.batch_size)


def orthonormal(weight: Tensor) -> Tensor:
    """A basis [C·H·W, K] of the rows' span, columns of length 1 at right angles."""
    rows = weight / weight.norm(dim=1, keepdim=True).clamp(min=1e-12)
    basis: Tensor = torch.linalg.qr(rows.T, mode="reduced").Q
    return basis


def project_out(images: Tensor, basis: Tensor) -> Tensor:
    """Images without their part in the span of `basis`.

    Args:
        images: uint8 [N, C, H, W], or float in pixels of [0, 1].
        basis: float [C·H·W, K], orthonormal columns.

    Returns:
        float32 [N, C, H, W] in pixels; may leave [0, 1].
    """
    result = torch.empty(images.shape, dtype=torch.float32)
    for start in range(0, len(images), _CHUNK):
        flat = _pixels(images[start : start + _CHUNK])
        result[start : start + _CHUNK] = (flat - flat @ basis @ basis.T).view(-1, *images.shape[1:])
    return result


def _pixels(images: Tensor) -> Tensor:
    """float32 [B, C·H·W] in [0, 1]."""
    flat = images.flatten(1).float()
    return flat / 255 if images.dtype == torch.uint8 else flat
