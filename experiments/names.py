"""All names of a grid, looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.entries import Augmentation, CleanImages, Defence, NoiseEntry, read_entries
from experiments.training import Training
from unlearnable_lightning.errors import UnlearnableError


@dataclass(frozen=True)
class Names:
    """The entries of a grid by name.

    Attributes:
        clean: images without noise.
        noises: noises that are made.
        defences: how victims train.
        augmentations: label-free changes of a batch; `none` is always there.
    """

    clean: Mapping[str, CleanImages]
    noises: Mapping[str, NoiseEntry]
    defences: Mapping[str, Defence]
    augmentations: Mapping[str, Augmentation]

    def data(self) -> list[str]:
        """What a victim may train on: clean images, then the noises."""
        return [*self.clean, *self.noises]

    def data_entry(self, train_data: str) -> CleanImages | NoiseEntry:
        """The entry of what a victim trains on."""
        return self.noises[train_data] if train_data in self.noises else self.clean[train_data]

    def clean_images(self, train_data: str) -> CleanImages:
        """Those that a victim trains on, before any noise."""
        if train_data in self.noises:
            train_data = self.noises[train_data].laid_on
        return self.clean[train_data]

    def augmentation_entries(self, augmentation: str) -> list[Augmentation]:
        """In the order of application."""
        return [self.augmentations[name] for name in augmentation.split("+")]

    def folder(self, training: Training) -> str:
        """Part of a path: three words, of characters that no shell reads as its own."""
        augmentation = self.augmentation_entries(training.augmentation)
        parts = (
            self.data_entry(training.train_data).folder,
            self.defences[training.training].folder,
            "+".join(entry.folder for entry in augmentation),
        )
        return "/".join(parts)

    def labels(self, training: Training) -> tuple[str, str, str]:
        """Of training data, training and augmentation, for a page."""
        augmentation = self.augmentation_entries(training.augmentation)
        return (
            self.data_entry(training.train_data).label,
            self.defences[training.training].label,
            "+".join(entry.label for entry in augmentation),
        )

    def check(self, training: Training, where: str) -> None:
        """Whether all three names are there.

        Args:
            training: to look up.
            where: it is written, for the message.

        Raises:
            UnlearnableError: one is not.
        """
        looked_up = [
            (training.train_data, "clean or noises", self.data()),
            (training.training, "defences", list(self.defences)),
        ]
        looked_up += [
            (name, "augmentations", list(self.augmentations))
            for name in training.augmentation.split("+")
        ]
        for name, section, known in looked_up:
            if name not in known:
                raise UnlearnableError(
                    f"{where}: {name!r} is no entry of {section} ({', '.join(known)}): add it "
                    "there, or correct the name."
                )


def read_names(given: Mapping[str, Any]) -> Names:
    """The names of a grid.

    Args:
        given: what its YAML says, of which `clean`, `noises`, `defences` and `augmentations` are
            read.

    Raises:
        UnlearnableError: an entry is not right.
    """
    clean = read_entries(CleanImages, "clean", given.get("clean"))
    if not clean:
        raise UnlearnableError("clean: has no entry: add the images that all is compared with.")
    first = {"laid_on": next(iter(clean))}
    noises = read_entries(NoiseEntry, "noises", given.get("noises", {}), first)
    for name, noise in noises.items():
        if noise.laid_on not in clean:
            raise UnlearnableError(
                f"noises: {name}: laid_on={noise.laid_on!r} is no entry of clean "
                f"({', '.join(clean)}): add it there, or correct the name."
            )
        if name in clean:
            raise UnlearnableError(f"noises: {name}: clean has that name too: change one of them.")
    defences = read_entries(Defence, "defences", given.get("defences"))
    augmentations = read_entries(
        Augmentation, "augmentations", {"none": {}, **given.get("augmentations", {})}
    )
    for name in augmentations:
        if "+" in name:
            raise UnlearnableError(
                f"augmentations: {name!r}: + joins the names of several: leave it out of one."
            )
    return Names(clean, noises, defences, augmentations)
