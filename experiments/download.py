"""`python -m experiments.download cifar10|mnist FILE`: the data, where it is not there yet."""

import sys
from pathlib import Path

from unlearnable_lightning import CIFAR10DataModule, MNISTDataModule


def cifar10(file: Path) -> None:
    """All of CIFAR-10 as one NPZ file: no unpacking at every start."""
    data = CIFAR10DataModule(str(file.parent), val_size=0)
    data.prepare_data()
    data.save_npz(file)


def mnist(file: Path) -> None:
    """torchvision's folder, `MNIST/raw`, around the file."""
    MNISTDataModule(str(file.parents[2])).prepare_data()


if __name__ == "__main__":
    {"cifar10": cifar10, "mnist": mnist}[sys.argv[1]](Path(sys.argv[2]))
