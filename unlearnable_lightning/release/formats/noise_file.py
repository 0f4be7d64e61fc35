"""The file of this library itself, as a format beside the others."""

from pathlib import Path

from torch import Tensor

from unlearnable_lightning.release.fits import check_fits, check_made_for
from unlearnable_lightning.release.foreign.container import container
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class NoiseFile(Format):
    """A `.safetensors` with checksum and fingerprint: what `fit` writes, and all of a release.

    Example:
        `unlearnable convert perturbation.pt noise.safetensors --data CIFAR10DataModule`
    """

    suffixes = (".safetensors",)

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        release = Release.load(path)
        check_fits(release, source)
        return release

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`."""
        check_made_for(release, images, labels)
        release.save(path)

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return container(path) == "safetensors"

    def check(self, release: Release, images: Tensor, labels: Tensor) -> None:
        """Its fingerprint has said already that it is noise of these images."""
