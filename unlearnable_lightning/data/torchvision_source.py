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
        needs: a package that torchvision reads them with; None for none.

    Raises:
        UnlearnableError: the files are missing and cannot be downloaded, or are damaged, or the
            package is missing that reads them.
    """

    dataset_class: Any
    files: str
    needs: str | None = None

    def __init__(self, root: str = "data", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root = root

    def prepare_data(self) -> None:
        """Downloads what is not there yet."""
        self.dataset("train")

    def which(self, split: str) -> dict[str, Any]:
        """The argument that tells `dataset_class` its split, `train` or `test`."""
        return {"train": split == "train"}

    def dataset(self, split: str) -> Any:
        """The torchvision data set of the split `train` or `test`."""
        name = self.dataset_class.__name__
        try:
            return self.dataset_class(self.root, **self.which(split), download=True)
        except ModuleNotFoundError as error:
            raise UnlearnableError(
                f"{name} is read with {self.needs}, which is not installed ({error}). Install it: "
                f"pip install {self.needs}."
            ) from error
        except (OSError, RuntimeError, ValueError, AssertionError) as error:
            raise UnlearnableError(
                f"root={self.root}: {name} is not there and could not be downloaded ({error}). "
                f"Without internet, put {self.files} into {Path(self.root).resolve()}."
            ) from error
