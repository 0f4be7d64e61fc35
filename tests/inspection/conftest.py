"""Pairs of clean and poisoned images, drawn."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.inspection import Pair


@pytest.fixture
def pair_of() -> Callable[..., Pair]:
    """Mid-grey images and a change of each, int [N, C, H, W], or of each class."""

    def make(change: Tensor, labels: Tensor) -> Pair:
        each = change if len(change) == len(labels) else change[labels]
        random = torch.Generator().manual_seed(0)
        clean = torch.randint(100, 150, each.shape, generator=random, dtype=torch.uint8)
        return Pair(clean, (clean + each).to(torch.uint8), labels)

    return make


@pytest.fixture
def noise() -> Callable[..., Tensor]:
    """Uniform grey levels from -8 to 8, int16."""

    def draw(*shape: int, seed: int = 1) -> Tensor:
        random = torch.Generator().manual_seed(seed)
        return torch.randint(-8, 9, shape, generator=random).to(torch.int16)

    return draw
