"""Writes the images that a generator's `predict` poisoned."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.pixels import add
from unlearnable_lightning.run.prediction_file import PredictionFile


class PoisonedWriter(PredictionFile):
    """`poisoned.npz`: x_train uint8 [N, H, W, C], y_train and index, in the data's order."""

    def __init__(self) -> None:
        super().__init__("poisoned.npz")

    def write(self, path: Path, batches: Sequence[Any]) -> None:
        """As in `PredictionFile`."""
        keys = ("image", "label", "index")
        whole = {key: torch.cat([batch[key].cpu() for batch in batches]) for key in keys}
        with replacing(path) as file:
            np.savez_compressed(
                file,
                x_train=whole["image"].permute(0, 2, 3, 1).numpy(),
                y_train=whole["label"].numpy(),
                index=whole["index"].numpy(),
            )


def published(batch: dict[str, Tensor], grey_levels: Tensor | None = None) -> dict[str, Tensor]:
    """A batch as it would be published.

    Args:
        batch: `image` float [B, C, H, W] in [0, 1], `label` and `index`.
        grey_levels: int8 or int16 [B, C or 1, H, W], the noise to lay on them; None lays none.

    Returns:
        The batch with `image` in uint8.
    """
    images = (batch["image"] * 255).round().to(torch.uint8)
    if grey_levels is not None:
        images = add(images, grey_levels.to(images.device).expand_as(images))
    return batch | {"image": images}
