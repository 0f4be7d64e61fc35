"""torchvision's readers, with an error that says where files go on a machine without internet."""

from pathlib import Path
from typing import Any

from unlearnable_lightning.errors import UnlearnableError


def read_or_download(dataset_class: Any, root: str, train: bool, files: str) -> Any:
    """The torchvision data set, downloaded into `root` where its files are missing.

    Args:
        dataset_class: `torchvision.datasets.CIFAR10`, say.
        root: folder of the files.
        train: which part.
        files: what has to lie in `root`, for the error message.

    Raises:
        UnlearnableError: the files are missing and cannot be downloaded, or are damaged.
    """
    try:
        return dataset_class(root, train=train, download=True)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise UnlearnableError(
            f"root={root}: {dataset_class.__name__} is not there and could not be downloaded "
            f"({error}). Without internet, put {files} into {Path(root).resolve()}."
        ) from error
