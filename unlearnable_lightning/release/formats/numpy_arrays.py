"""Arrays of NumPy: differences, or images in any unit."""

from pathlib import Path

import numpy as np
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.fits import check_made_for
from unlearnable_lightning.release.foreign.build import release_of
from unlearnable_lightning.release.foreign.meaning import Holds
from unlearnable_lightning.release.foreign.numpy_file import main_array, read_numpy
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.foreign.whole import whole_difference
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.formats.poisoned_images import PoisonedImages
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource
from unlearnable_lightning.rows import whole


class NumpyArrays(Format):
    """A `.npy` or `.npz` of differences in grey levels, N×C×H×W or K×C×H×W.

    Also read: images or differences as integers or floats, in grey levels or in pixels of [0, 1],
    channels first or last. A `.npz` names them `difference` or `x_train`, and may have `rows` (the
    images that they belong to), `y_train` (which is compared) and `kind`.

    Args:
        holds: `images` or `differences`; null looks at names and numbers.

    Example:
        `unlearnable fit … --data.noise delta.npy --data.noise_format NumpyArrays`
    """

    def __init__(self, holds: Holds | None = None) -> None:
        self.holds = holds

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        found = read_numpy(path, most_bytes(source), self.holds)
        return release_of(found, images, labels, source, self.made_by | {"file": path.name})

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`; a `.npz` also holds the rows and the kind."""
        labels = check_made_for(release, images, labels)
        with replacing(path) as file:
            if path.suffix.lower() == ".npy":
                np.save(file, whole_difference(release, labels).numpy())
                return
            difference, kind = whole(release.difference).numpy(), np.array(release.kind)
            if release.rows is None:
                np.savez_compressed(file, difference=difference, kind=kind)
            else:
                rows = release.rows.numpy()
                np.savez_compressed(file, difference=difference, kind=kind, rows=rows)

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`: all arrays but `PoisonedImages` and `ShuffledImages`."""
        array = main_array(path)
        if array is None or PoisonedImages().recognises(path, source):
            return False
        counted = array.count in (source.shape[0], len(source.class_names))
        return counted or array.has_rows
