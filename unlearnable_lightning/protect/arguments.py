"""What a call of `protect` asks for, checked before anything is read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning as L

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import ClosedForm, NoiseDriver
from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.pixels import floor_grey_levels
from unlearnable_lightning.protect.make import build_method
from unlearnable_lightning.protect.words import shown
from unlearnable_lightning.protect.working import WEBP_LONGEST

_LEAST_SIZE = 16  # cnn_small halves its pictures twice; below it little of a photo is left

_SEEDS = "it must be a whole number from 0 to 4294967295, as NumPy takes it"


@dataclass(frozen=True)
class Arguments:
    """Of the command, as `commands/protect.py` explains them.

    Raises:
        UnlearnableError: one of them is out of range; names it, its value and the rule.
    """

    source: Path
    out: Path
    method: str
    epsilon: float | str
    image_size: int
    rounds: int
    seed: int
    labels: Path | None
    format: str
    keep_metadata: bool
    method_args: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        least = f"a network needs at least {_LEAST_SIZE} pixels to see a picture; 32 is usual"
        whole_number("image_size", self.image_size, _LEAST_SIZE, least)
        whole_number("rounds", self.rounds, 1, "noise by gradient takes at least 1 round")
        whole_number("seed", self.seed, 0, _SEEDS)
        if self.seed >= 2**32:
            raise UnlearnableError(f"seed={self.seed}: {_SEEDS}.")
        noise_epsilon(self.epsilon)
        if self.format not in ("png", "webp"):
            raise UnlearnableError(f"format={self.format!r}: give png or webp, which lose nothing.")
        if {"epsilon", "num_classes", "in_channels", "image_size"} & set(self.method_args):
            raise UnlearnableError(
                f"method_args={self.method_args}: epsilon and image_size are options of their own, "
                "classes and channels are those of the pictures. Leave them out there."
            )
        self.build(classes=2)  # what the method refuses is refused before pictures are read

    def build(self, classes: int) -> ClosedForm | NoiseDriver:
        """The method for so many classes, its random numbers drawn from the seed."""
        L.seed_everything(self.seed, verbose=False)
        epsilon, given = noise_epsilon(self.epsilon), self.method_args
        return build_method(self.method, epsilon, self.image_size, classes, given)

    @property
    def limit(self) -> int:
        """Grey levels that a pixel may change by."""
        return floor_grey_levels(self.epsilon)

    @property
    def suffix(self) -> str:
        """Of the new files."""
        return f".{self.format}"

    @property
    def longest(self) -> int | None:
        """Side that the format can hold, in pixels; None for any."""
        return WEBP_LONGEST if self.format == "webp" else None

    def deciding(self) -> dict[str, Any]:
        """Those that decide what the pictures become, as plain values."""
        return {
            "source": shown(self.source.resolve()),
            "method": self.method,
            "method_args": self.method_args,
            "epsilon": f"{self.limit}/255",
            "image_size": self.image_size,
            "rounds": self.rounds,
            "seed": self.seed,
            "format": self.format,
            "keep_metadata": self.keep_metadata,
        }
