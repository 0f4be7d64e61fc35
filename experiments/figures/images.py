"""The run that a picture shows, and its images, from the arguments that it wrote down."""

from pathlib import Path

import yaml
from jsonargparse import ArgumentParser

from experiments import words
from experiments.commands import train_folder
from experiments.grid import Grid
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError


def shown_folder(figure: words.Figure, grid: Grid) -> str:
    """The folder, below that of the profile's runs, of the run whose model or images are shown.

    Raises:
        UnlearnableError: the picture names none.
    """
    if figure.shown is None:
        raise UnlearnableError(
            f"{grid.page}: {figure.title}: shows a run: add `shown: {{train_data: …, training: …, "
            "augmentation: …}`."
        )
    return train_folder(grid, figure.shown, grid.seeds[0])


def data_of(run: Path, augment: Path | None = None) -> ImageDataModule:
    """The data module of a run, set up.

    Args:
        run: its folder.
        augment: an augmentation of `configs/augment` to take in place of its own.
    """
    parser = ArgumentParser()
    parser.add_subclass_arguments(ImageDataModule, "data")
    data = yaml.safe_load((run / "config.yaml").read_text())["data"]
    if augment is not None:
        part = yaml.safe_load(augment.read_text())
        data["init_args"]["augment"] = part["data"]["init_args"]["augment+"]
    module: ImageDataModule = parser.instantiate_classes(parser.parse_object({"data": data})).data
    module.setup("fit")
    return module
