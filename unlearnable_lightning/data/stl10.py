"""STL-10: 5 000 training and 8 000 test images, 96×96 RGB (Coates et al., 2011)."""

from typing import Any

import torch
from torch import Tensor
from torchvision.datasets import STL10

from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule


class STL10DataModule(TorchvisionDataModule):
    """STL-10's labelled images; `root` holds `stl10_binary`, of which torchvision wants every file,
    the unlabelled images too."""

    dataset_class = STL10
    files = "the folder stl10_binary (from stl10_binary.tar.gz, all of it)"
    name = "stl10"
    class_names = (
        *("airplane", "bird", "car", "cat", "deer"),
        *("dog", "horse", "monkey", "ship", "truck"),
    )
    in_channels = 3
    image_size = 96

    def which(self, split: str) -> dict[str, Any]:
        """As in `TorchvisionDataModule`."""
        return {"split": split}

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`; the files count labels from 1, torchvision from 0."""
        dataset = self.dataset(split)
        return torch.from_numpy(dataset.data), torch.from_numpy(dataset.labels)
