"""SVHN: 73 257 training and 26 032 test images of digits, 32×32 RGB (Netzer et al., 2011)."""

from typing import Any

import torch
from torch import Tensor
from torchvision.datasets import SVHN

from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule


class SVHNDataModule(TorchvisionDataModule):
    """SVHN, cropped digits; `root` holds the `.mat` files, which scipy reads (the extra `svhn`).

    The files label the digit 0 with 10; here label and digit are the same.
    """

    dataset_class = SVHN
    files = "the files train_32x32.mat and test_32x32.mat"
    needs = "scipy"
    name = "svhn"
    class_names = tuple("0123456789")
    in_channels = 3
    image_size = 32

    def prepare_data(self) -> None:
        """Downloads what is not there yet; the two splits are two files."""
        self.dataset("train")
        self.dataset("test")

    def which(self, split: str) -> dict[str, Any]:
        """As in `TorchvisionDataModule`."""
        return {"split": split}

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        dataset = self.dataset(split)  # torchvision makes 0 of the label 10
        return torch.from_numpy(dataset.data), torch.from_numpy(dataset.labels)
