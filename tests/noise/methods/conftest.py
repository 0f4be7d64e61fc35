"""Images for the noises that need no gradient: drawn ones, and CIFAR-10."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

Pairs = tuple[Tensor, Tensor]


@pytest.fixture(scope="session")
def cifar10(real_data: Path) -> Pairs:
    """All training images, uint8 [50000, 3, 32, 32], and labels."""
    with np.load(real_data / "cifar10.npz") as arrays:
        images, labels = arrays["x_train"], arrays["y_train"]
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels.astype(np.int64))


@pytest.fixture
def drawn() -> Callable[..., Pairs]:
    """Mid-grey images, so that little of a noise is clipped, and labels without class 1."""

    def draw(
        n: int, shape: tuple[int, ...] = (3, 32, 32), classes: int = 4, seed: int = 0
    ) -> Pairs:
        random = torch.Generator().manual_seed(seed)
        images = torch.randint(60, 196, (n, *shape), generator=random, dtype=torch.uint8)
        labels = torch.randint(classes, (n,), generator=random)
        labels[labels == 1] = 0
        return images, labels

    return draw
