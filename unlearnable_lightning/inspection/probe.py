"""A linear probe: whether a linear model tells the classes apart, also on unseen images.

Held-out accuracy is the one that counts. Of a few thousand images a linear model learns noise
without any meaning by heart: uniform noise of 10 000 images of CIFAR-10 gives 69 % in training and
11 % held out.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

_ITERATIONS = 60
_PENALTY = 1e-4  # of the squared weights
_TRAIN_SHARE = 0.8


@dataclass(frozen=True)
class Accuracy:
    """Shares of images in [0, 1] that the probe names right.

    Attributes:
        train: of the 80 % that it was fitted to.
        held_out: of the others.
    """

    train: float
    held_out: float


def split(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Rows of 80 % and of 20 % of `count` images, drawn: int64."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    train = max(1, min(count - 1, int(_TRAIN_SHARE * count)))
    return order[:train], order[train:]


def linear_probe(features: Tensor, labels: Tensor, seed: int = 0, bias: bool = True) -> Accuracy:
    """Multinomial logistic regression, fitted by 60 iterations of L-BFGS.

    Args:
        features: [N, …], numbers of any type, at least two rows; divided by their root mean
            square times the root of how many numbers a row has, so that its length is about 1.
        labels: int64 [N].
        seed: of the split into 80 % and 20 %.
        bias: whether each class has one. After 60 iterations it tells: of the noise of OPS behind
            a median 88 % are found with it and 93 % without.
    """
    classes, targets = labels.unique(return_inverse=True)
    rows = features.flatten(1).float()
    scale = rows.norm().item() / len(rows) ** 0.5 or 1.0  # RMS · √D, unless all is zero
    train, held_out = split(len(rows), seed)
    fitted = rows[train] / scale
    weight, offset = _fit(fitted, targets[train], len(classes), bias)
    return Accuracy(
        _share_right(fitted @ weight.T + offset, targets[train]),
        _share_right(rows[held_out] / scale @ weight.T + offset, targets[held_out]),
    )


def _share_right(scores: Tensor, targets: Tensor) -> float:
    return scores.argmax(1).eq(targets).float().mean().item()


def _fit(rows: Tensor, targets: Tensor, classes: int, bias: bool) -> tuple[Tensor, Tensor]:
    """Weights [K, D] and offsets [K] of the probe."""
    with torch.inference_mode(False), torch.enable_grad():
        weight = torch.zeros(classes, rows.shape[1], requires_grad=True)
        offset = torch.zeros(classes, requires_grad=bias)
        optimizer = torch.optim.LBFGS(
            [weight, offset] if bias else [weight],
            max_iter=_ITERATIONS,
            history_size=10,
            line_search_fn="strong_wolfe",
        )

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = (
                cross_entropy(rows @ weight.T + offset, targets) + _PENALTY * weight.square().sum()
            )
            loss.backward()
            return loss

        optimizer.step(closure)
        return weight.detach(), offset.detach()
