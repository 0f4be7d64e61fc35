"""What a victim's trainer does against noise, beyond the images of a batch; one file each."""

from unlearnable_lightning.defences.adversarial_training import AdversarialTraining
from unlearnable_lightning.defences.base import Defence, Victim
from unlearnable_lightning.defences.cutmix import CutMix
from unlearnable_lightning.defences.mixup import Mixup
from unlearnable_lightning.defences.orthogonal_projection import OrthogonalProjection
from unlearnable_lightning.defences.ueraser import UEraser

NAMES = ("AdversarialTraining", "CutMix", "Mixup", "OrthogonalProjection", "UEraser")

__all__ = [
    "NAMES",
    "AdversarialTraining",
    "CutMix",
    "Defence",
    "Mixup",
    "OrthogonalProjection",
    "UEraser",
    "Victim",
]
