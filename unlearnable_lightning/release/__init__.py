"""What a defender publishes: the change of a set of images in 8 bits, and where it came from."""

from unlearnable_lightning.release.bound import NORMS, Bound
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.fits import NoiseMismatchError, apply, check_fits, poison
from unlearnable_lightning.release.of_images import release_of_images
from unlearnable_lightning.release.release import KINDS, Release
from unlearnable_lightning.release.source import DataSource, fingerprint

__all__ = [
    "KINDS",
    "NORMS",
    "Bound",
    "DataSource",
    "NoiseFileError",
    "NoiseMismatchError",
    "Release",
    "apply",
    "check_fits",
    "fingerprint",
    "poison",
    "release_of_images",
]
