"""MNIST: 60 000 training and 10 000 test images of digits, 28×28 grey (LeCun et al., 1998)."""

from typing import Any

from torch import Tensor
from torchvision.datasets import MNIST

from unlearnable_lightning.data.base import ImageDataModule
from unlearnable_lightning.data.torchvision_download import read_or_download


class MNISTDataModule(ImageDataModule):
    """MNIST, downloaded by torchvision on the first use.

    Args:
        root: folder of `MNIST/raw`.
        kwargs: as in `ImageDataModule`.
    """

    name = "mnist"
    class_names = tuple("0123456789")
    in_channels = 1
    image_size = 28

    def __init__(self, root: str = "data", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root = root

    def prepare_data(self) -> None:
        self._dataset("train")

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        dataset = self._dataset(split)
        return dataset.data[:, None], dataset.targets

    def _dataset(self, split: str) -> MNIST:
        files = "the folder MNIST/raw with the four …-ubyte files"
        return read_or_download(MNIST, self.root, split == "train", files)
