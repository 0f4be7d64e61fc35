"""Data sets that torchvision reads and downloads."""

from pathlib import Path
from typing import Any

from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError


class TorchvisionDataModule(ImageDataModule):
    """A torchvision data set, downloaded on the first use. A child gives the facts and `read`.

    Args:
        root: folder of the files.
        kwargs: as in `ImageDataModule`.

    Attributes:
        dataset_class: `torchvision.datasets.CIFAR10`, say.
        files: what has to lie in `root`, for the error message.

    Raises:
        UnlearnableError: the files are missing and cannot be downloaded, or are damaged.
    """

    dataset_class: Any
    files: str

    def __init__(self, root: str = "data", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root = root

    def prepare_data(self) -> None:
        """Downloads what is not there yet."""
        self.dataset("train")

    def dataset(self, split: str) -> Any:
        """The torchvision data set of the split `train` or `test`."""
        try:
            return self.dataset_class(self.root, train=split == "train", download=True)
        except (OSError, RuntimeError, ValueError, AssertionError) as error:
            raise UnlearnableError(
                f"root={self.root}: {self.dataset_class.__name__} is not there and could not be "
                f"downloaded ({error}). Without internet, put {self.files} into "
                f"{Path(self.root).resolve()}."
            ) from error
