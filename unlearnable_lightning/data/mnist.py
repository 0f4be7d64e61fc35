"""MNIST: 60 000 training and 10 000 test images of digits, 28×28 grey (LeCun et al., 1998)."""

from torch import Tensor
from torchvision.datasets import MNIST

from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule


class MNISTDataModule(TorchvisionDataModule):
    """MNIST; `root` holds `MNIST/raw`."""

    dataset_class = MNIST
    files = "the folder MNIST/raw with the four …-ubyte files"
    name = "mnist"
    class_names = tuple("0123456789")
    in_channels = 1
    image_size = 28

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        dataset = self.dataset(split)
        return dataset.data[:, None], dataset.targets
