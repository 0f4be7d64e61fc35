"""CIFAR-10: 50 000 training and 10 000 test images, 32×32 RGB (Krizhevsky, 2009)."""

from typing import Any

import torch
from torch import Tensor
from torchvision.datasets import CIFAR10

from unlearnable_lightning.data.base import ImageDataModule
from unlearnable_lightning.data.torchvision_download import read_or_download


class CIFAR10DataModule(ImageDataModule):
    """CIFAR-10, downloaded by torchvision on the first use.

    Args:
        root: folder of `cifar-10-batches-py`.
        kwargs: as in `ImageDataModule`.
    """

    name = "cifar10"
    class_names = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    in_channels = 3
    image_size = 32

    def __init__(self, root: str = "data", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root = root

    def prepare_data(self) -> None:
        self._dataset("train")

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        dataset = self._dataset(split)
        images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2)
        return images, torch.tensor(dataset.targets)

    def _dataset(self, split: str) -> CIFAR10:
        files = "the folder cifar-10-batches-py (from cifar-10-python.tar.gz)"
        return read_or_download(CIFAR10, self.root, split == "train", files)
