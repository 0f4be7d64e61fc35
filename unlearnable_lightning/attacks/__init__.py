"""Attacks on a network's input, and the network as they need it: frozen."""

from unlearnable_lightning.attacks.fgsm import fgsm
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.attacks.pgd import frozen, pgd
from unlearnable_lightning.attacks.uniform import uniform

NAMES = ("fgsm", "pgd", "uniform")

__all__ = ["NAMES", "FrozenModel", "fgsm", "frozen", "pgd", "uniform"]
