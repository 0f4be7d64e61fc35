"""The images of a run, from the arguments that it wrote down."""

from pathlib import Path

import yaml
from jsonargparse import ArgumentParser

from unlearnable_lightning.data import ImageDataModule


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
