"""What an attack can work on: images in [0, 1], labels for them, steps that are numbers."""

from numbers import Integral

import torch
from torch import Tensor, nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels, as_step

_ROUNDING = 1e-4  # images + delta of an earlier attack; far below epsilon, so its bound holds
_FLOATS = (torch.float16, torch.float32, torch.float64)


def check_settings(
    epsilon: float | str, step_size: float | str = 0, steps: int = 1, restarts: int = 1
) -> tuple[float, float]:
    """Epsilon and the step size as numbers. Looks at no tensor, so it costs nothing.

    Raises:
        UnlearnableError: an amount outside [0, 1], or a count that is none.
    """
    for name, count, least in (("steps", steps, 0), ("restarts", restarts, 1)):
        if not isinstance(count, Integral) or count < least:
            raise UnlearnableError(f"{name}={count!r}: give a whole number, at least {least}.")
    radius = amount("epsilon", epsilon)
    return radius, 0.0 if step_size == 0 else as_step(step_size, radius)


def check_inputs(images: Tensor, labels: Tensor, start: Tensor | None = None) -> None:
    """Looks at the values of what is attacked, for which the host waits for a GPU.

    Raises:
        UnlearnableError: images, labels or a start that `pgd` cannot work on.
    """
    _check_images(images)
    _check_labels(labels, len(images))
    if start is not None:
        _check_start(start, images)


def amount(name: str, value: float | str) -> float:
    """An amount in pixels of [0, 1], as `pixels.as_pixels` reads it, or 0."""
    return 0.0 if value == 0 else as_pixels(value, name)  # a curve over epsilon begins at 0


def _check_images(images: Tensor) -> None:
    if not isinstance(images, Tensor) or images.ndim != 4:
        is_ = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise UnlearnableError(f"images are {is_}; they must be a tensor [B, C, H, W].")
    if images.dtype not in _FLOATS:
        raise UnlearnableError(
            f"images are {images.dtype}; they must be floats in [0, 1], at least float16 (bfloat16 "
            "has no two values near white that are closer than a grey level). Give "
            f"{'images.float()' if images.is_floating_point() else 'images.float() / 255'}; to "
            "attack in bfloat16, run the model under torch.autocast."
        )
    if len(images):
        low, high = (value.item() for value in images.detach().aminmax())
        if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # so that NaN is refused too
            raise UnlearnableError(
                f"images run from {low:g} to {high:g}; they must lie in [0, 1], or no perturbation "
                "within epsilon would bring them there. Divide grey levels by 255; where images "
                "are normalised, let the model do that, as its first layer (models.Normalize)."
            )


def _check_labels(labels: Tensor, count: int) -> None:
    if isinstance(labels, Tensor) and labels.ndim == 2 and labels.is_floating_point():
        _check_shares(labels, count)
        return
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64 or labels.shape != (count,):
        is_ = (
            f"{labels.dtype} of shape {tuple(labels.shape)}"
            if isinstance(labels, Tensor)
            else type(labels).__name__
        )
        raise UnlearnableError(
            f"labels are {is_}; they must be a class number for each of the {count} images, int64 "
            f"of shape ({count},), or shares of the classes, float of shape ({count}, K). "
            "labels.long() converts other integers."
        )
    if count and labels.min() < 0:
        raise UnlearnableError(f"labels begin at {labels.min()}; they must lie in 0 to K - 1.")


def _check_shares(shares: Tensor, count: int) -> None:
    sums = shares.sum(1)
    right = len(shares) == count and (shares >= 0).all()
    if not right or not torch.allclose(sums, torch.ones_like(sums), atol=_ROUNDING):
        raise UnlearnableError(
            f"labels are shares of shape {tuple(shares.shape)}; there must be a row for each of "
            f"the {count} images, without negative numbers, whose sum is 1. Logits become shares "
            "by logits.softmax(1)."
        )


def _check_start(start: Tensor, images: Tensor) -> None:
    if start.shape != images.shape or start.dtype != images.dtype:
        raise UnlearnableError(
            f"start is {start.dtype} of shape {tuple(start.shape)}; it is added to the images, so "
            f"it must be {images.dtype} of shape {tuple(images.shape)}."
        )
    if not start.isfinite().all():
        raise UnlearnableError("start has infinite or NaN values; give finite ones, such as zeros.")


class WithLogits(nn.Module):
    """A model that refuses, in a forward pass, to have no logit for one of the labels.

    (cross_entropy says `Assertion failed` then, and on a GPU ends the process's use of it.)
    """

    def __init__(self, model: nn.Module, labels: Tensor) -> None:
        super().__init__()
        self.model, self.count, self.shares = model, len(labels), labels.ndim == 2
        if self.shares:
            self.highest = labels.shape[1] - 1
        else:
            self.highest = int(labels.max()) if len(labels) else -1

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, C, H, W]."""
        logits = self.model(images)
        if not isinstance(logits, Tensor):
            raise UnlearnableError(
                f"the model gives {type(logits).__name__}; an attack needs one tensor of logits."
            )
        if logits.ndim != 2 or len(logits) != self.count or not self._enough(logits.shape[1]):
            rule = f"K = {self.highest + 1}" if self.shares else "K above each label"
            raise UnlearnableError(
                f"the model gives outputs of shape {tuple(logits.shape)} for {self.count} images "
                f"with labels up to {self.highest}; they must be logits [{self.count}, K] with "
                f"{rule}."
            )
        return logits

    def _enough(self, classes: int) -> bool:
        return classes == self.highest + 1 if self.shares else classes > self.highest
