"""CIFAR-10: 50 000 training and 10 000 test images, 32×32 RGB (Krizhevsky, 2009)."""

import torch
from torch import Tensor
from torchvision.datasets import CIFAR10

from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule


class CIFAR10DataModule(TorchvisionDataModule):
    """CIFAR-10; `root` holds `cifar-10-batches-py`."""

    dataset_class = CIFAR10
    files = "the folder cifar-10-batches-py (from cifar-10-python.tar.gz)"
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

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        dataset = self.dataset(split)
        return torch.from_numpy(dataset.data).permute(0, 3, 1, 2), torch.tensor(dataset.targets)
