"""A pickled array of int8, as the repository of REM (Fu et al., ICLR 2022) stores its noise."""

import pickle
from pathlib import Path

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.fits import check_made_for
from unlearnable_lightning.release.foreign.arrays_of_notes import as_array
from unlearnable_lightning.release.foreign.build import Found, release_of
from unlearnable_lightning.release.foreign.container import container, holds_dict
from unlearnable_lightning.release.foreign.meaning import Holds
from unlearnable_lightning.release.foreign.notes import read_notes
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.foreign.whole import whole_difference
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource
from unlearnable_lightning.rows import whole


class NumpyPickle(Format):
    """Differences in grey levels, int8 N×C×H×W, or K×C×H×W for class-wise noise.

    Also read: images, other number types, channels last. The pickle is read as notes: nothing that
    it names is imported or called.

    Args:
        holds: `images` or `differences`; null looks at the numbers.

    Example:
        `unlearnable fit … --data.noise rem.pkl --data.noise_format NumpyPickle`
    """

    suffixes = (".pkl", ".pickle")

    def __init__(self, holds: Holds | None = None) -> None:
        self.holds = holds

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        found = Found(as_array(read_notes(path), most_bytes(source)), holds=self.holds)
        return release_of(found, images, labels, source, self.made_by | {"file": path.name})

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`; refuses changes that int8 cannot hold."""
        labels = check_made_for(release, images, labels)
        low, high = (int(end) for end in whole(release.difference).aminmax())
        if low < -128 or high > 127:
            raise UnlearnableError(
                f"{path}: the release changes pixels by {low} to {high} grey levels, and int8 "
                "holds -128 to 127. Write --to TorchTensor, NumpyArrays or PoisonedImages."
            )
        array = whole_difference(release, labels).to(torch.int8).numpy()
        with replacing(path) as file:
            pickle.dump(array, file, protocol=4)

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return container(path) == "pickle" and not holds_dict(path)
