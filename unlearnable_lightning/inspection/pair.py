"""Clean images beside the same images with noise: what every measure here is taken of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from unlearnable_lightning.checks import as_labels
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import check_images

_CHUNK = 500  # images that are float at once in what works through them by parts


@dataclass(frozen=True, eq=False)  # tensors do not compare to one truth value
class Pair:
    """The same images without and with noise, in 8 bits as they are published.

    Attributes:
        clean: uint8 [N, C, H, W], of any height and width, one channel or three.
        poisoned: as `clean`.
        labels: int64 [N]; numbers of classes, which need not all occur.

    Raises:
        UnlearnableError: another dtype or shape, or not a label for each image.
    """

    clean: Tensor
    poisoned: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        check_images(self.clean, "clean images")
        check_images(self.poisoned, "poisoned images")
        object.__setattr__(self, "labels", as_labels(self.labels))
        shape = tuple(self.clean.shape)
        if tuple(self.poisoned.shape) != shape or len(self.labels) != len(self.clean):
            raise UnlearnableError(
                f"clean images have shape {shape}, poisoned ones {tuple(self.poisoned.shape)}, and "
                f"there are {len(self.labels)} labels; give the same images twice, and a label for "
                "each."
            )
        if shape[1] not in (1, 3):
            raise UnlearnableError(
                f"the images have {shape[1]} channels; give 1 (gray) or 3 (RGB)."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: Tensor) -> "Pair":
        """Some of the images: bool [N] or int64 [R]."""
        return Pair(self.clean[chosen], self.poisoned[chosen], self.labels[chosen])

    @cached_property
    def change(self) -> Tensor:
        """poisoned - clean: int16 [N, C, H, W] in grey levels."""
        return self.poisoned.to(torch.int16) - self.clean

    @cached_property
    def touched(self) -> Tensor:
        """bool [N]: the images of which a pixel differs."""
        differs: Tensor = self.clean.ne(self.poisoned).flatten(1).any(1)
        return differs

    @property
    def classes(self) -> Tensor:
        """The labels that occur, ascending."""
        occur: Tensor = self.labels.unique()
        return occur

    def changes(self) -> Iterator[Tensor]:
        """`change` in pixels of [-1, 1], float32 [B, C, H, W], part by part."""
        for part in self.change.split(_CHUNK):
            yield part.float().div_(255)
