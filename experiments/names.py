"""All names of a grid, looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.entries import (
    Augmentation,
    CleanImages,
    Defence,
    Entry,
    NoiseEntry,
    Victim,
    read_entries,
)
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
        victims: other networks than that of the defences, without a defence.
        choices: trainings that show several choices of an epoch side by side.
        priors: images that a victim's weights may come from, and that no noise is laid on.
    """

    clean: Mapping[str, CleanImages]
    noises: Mapping[str, NoiseEntry]
    defences: Mapping[str, Defence]
    augmentations: Mapping[str, Augmentation]
    victims: Mapping[str, Victim] = field(default_factory=dict)
    choices: Mapping[str, Defence] = field(default_factory=dict)
    priors: Mapping[str, CleanImages] = field(default_factory=dict)

    def data(self) -> list[str]:
        """What a victim may train on: clean images, then the noises."""
        return [*self.clean, *self.noises]

    def data_entry(self, train_data: str) -> CleanImages | NoiseEntry:
        """The entry of what a victim trains on."""
        entries: Mapping[str, CleanImages | NoiseEntry]
        entries = {**self.clean, **self.priors, **self.noises}
        return entries[train_data]

    def trainers(self) -> dict[str, Defence]:
        """What a `training` may name: defences, victims, choices of an epoch."""
        return {**self.defences, **self.victims, **self.choices}

    def pretraining(self, training: Training) -> Training | None:
        """The training that a victim's weights come from; None if they are drawn."""
        victim = self.victims.get(training.training)
        return Training(**victim.weights_of) if victim and victim.weights_of else None

    def clean_images(self, train_data: str) -> CleanImages:
        """Those that a victim trains on, before any noise."""
        if train_data in self.noises:
            train_data = self.noises[train_data].laid_on
        return {**self.clean, **self.priors}[train_data]

    def augmentation_entries(self, augmentation: str) -> list[Augmentation]:
        """In the order of application."""
        return [self.augmentations[name] for name in augmentation.split("+")]

    def folder(self, training: Training) -> str:
        """Part of a path: three words, of characters that no shell reads as its own."""
        augmentation = self.augmentation_entries(training.augmentation)
        parts = (
            self.data_entry(training.train_data).folder,
            self.trainers()[training.training].folder,
            "+".join(entry.folder for entry in augmentation),
        )
        return "/".join(parts)

    def labels(self, training: Training) -> tuple[str, str, str]:
        """Of training data, training and augmentation, for a page."""
        augmentation = self.augmentation_entries(training.augmentation)
        return (
            self.data_entry(training.train_data).label,
            self.trainers()[training.training].label,
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
            (training.train_data, "clean or noises", [*self.data(), *self.priors]),
            (training.training, "defences", list(self.trainers())),
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
        given: what its YAML says, of which the sections of entries are read.

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
    priors = read_entries(CleanImages, "priors", given.get("priors", {}))
    _check_apart({"clean": clean, "noises": noises, "priors": priors})
    defences = read_entries(Defence, "defences", given.get("defences"))
    victims = read_entries(Victim, "victims", given.get("victims", {}))
    choices = read_entries(Defence, "choices", given.get("choices", {}))
    _check_apart({"defences": defences, "victims": victims, "choices": choices})
    augmentations = read_entries(
        Augmentation, "augmentations", {"none": {}, **given.get("augmentations", {})}
    )
    for name in augmentations:
        if "+" in name:
            raise UnlearnableError(
                f"augmentations: {name!r}: + joins the names of several: leave it out of one."
            )
    names = Names(clean, noises, defences, augmentations, victims, choices, priors)
    for victim in victims.values():
        _check_weights(names, victim)
    return names


def _check_apart(sections: Mapping[str, Mapping[str, Entry]]) -> None:
    """Whether no two entries of these sections have one name or one folder: a row and a path name
    no section."""
    owners: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for section, entries in sections.items():
        for name, entry in entries.items():
            other = names.setdefault(name, section)
            if other != section:
                raise UnlearnableError(
                    f"{section}: {name}: {other} has that name too: change one of them."
                )
            owner = owners.setdefault(entry.folder, (section, name))
            if owner != (section, name):
                raise UnlearnableError(
                    f"{section}: {name} and {owner[0]}: {owner[1]} have one folder, "
                    f"{entry.folder!r}, so their runs would overwrite each other: give one of them "
                    "another `folder`."
                )


def _check_weights(names: Names, victim: Victim) -> None:
    """Whether a victim's weights come from a training that is there and draws its own."""
    if not victim.weights_of:
        return
    where = f"victims: {victim.name}: weights_of"
    known = list(Training.__dataclass_fields__)
    wrong = [key for key in victim.weights_of if key not in known]
    if wrong or not {"train_data", "training"} <= set(victim.weights_of):
        raise UnlearnableError(
            f"{where}={dict(victim.weights_of)!r}: give {', '.join(known)} of a training, as in a "
            "row; the last may be left out."
        )
    source = Training(**victim.weights_of)
    names.check(source, where)
    if names.pretraining(source) is not None:
        raise UnlearnableError(
            f"{where}: {source.training!r} starts from weights of a training itself: name one that "
            "draws its own."
        )
