"""Tensors in, tensors out: attacks, error-minimizing steps, the noise file, poisoning."""

from unlearnable_lightning.noise.epsilon import as_pixels
from unlearnable_lightning.noise.fgsm import fgsm
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.file import KINDS, Noise, NoiseFileError, quantize
from unlearnable_lightning.noise.pgd import frozen, pgd
from unlearnable_lightning.noise.poison import NoiseMismatchError, add_noise, check_fits, poison
from unlearnable_lightning.noise.source import DataSource, fingerprint

__all__ = [
    "KINDS",
    "DataSource",
    "Noise",
    "NoiseFileError",
    "NoiseMismatchError",
    "add_noise",
    "as_pixels",
    "check_fits",
    "fgsm",
    "fingerprint",
    "frozen",
    "mask",
    "pgd",
    "poison",
    "quantize",
    "triples",
]
