"""Tensors in, tensors out: attacks, error-minimizing steps, pictures of noise."""

from unlearnable_lightning.noise.fgsm import fgsm
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.pgd import frozen, pgd

__all__ = ["fgsm", "frozen", "mask", "pgd", "triples"]
