"""T steps down the surrogate's loss, with rest for images whose loss is small."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.attacks.pgd import pgd_steps
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.driver import NoiseDriver


class StepsDown(NoiseDriver):
    """What the methods share that minimise the surrogate's error on the view itself.

    Args:
        args: as in `NoiseDriver`.
        skip_loss: a view whose loss is at most this before a sweep's T steps takes none of them:
            a look costs a forward pass alone. Rounds get shorter and the noise weaker: with 0.1 a
            victim reached 33.7 % where it reached 18.6 % without (docs/surrogates.md). Of
            class-wise noise it counts as an image that changes nothing. null lets every view step.
        kwargs: as in `NoiseDriver`.

    Raises:
        UnlearnableError: skip_loss is no finite number above 0.
    """

    def __init__(self, *args: Any, skip_loss: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if skip_loss is not None and not 0 < skip_loss < float("inf"):
            raise UnlearnableError(
                f"skip_loss={skip_loss}: a cross-entropy above 0, such as 0.1; null skips no image."
            )
        self.skip_loss = skip_loss

    def descend(self, model: nn.Module, views: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the loss, of the views that `skip_loss` lets step.

        Args:
            model: frozen: views [B, C, H, W] to logits [B, K].
            views: float [B, C, H, W] in [0, 1].
            labels: int64 [B].
            delta: [B, C, H, W], what they have so far.
        """
        if self.skip_loss is None:
            return self._all_steps(model, views, labels, delta)
        rows = _above(self.skip_loss, model, views, labels, delta)
        if not len(rows):
            return delta
        new = delta.clone()
        new[rows] = self._all_steps(model, views[rows], labels[rows], delta[rows])
        return new

    def _all_steps(self, model: nn.Module, views: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        return pgd_steps(
            model,
            views,
            labels,
            epsilon=self.epsilon,
            step_size=self.step_size,
            steps=self.steps,
            start=delta,
            minimize=True,
        )


@torch.no_grad()
def _above(limit: float, model: nn.Module, views: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
    """Rows [b], of those whose loss is above the limit."""
    logits = model((views + delta).clamp_(0, 1))
    return (cross_entropy(logits.float(), labels, reduction="none") > limit).nonzero().flatten()
