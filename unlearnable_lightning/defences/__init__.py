"""What a victim's trainer does against noise, beyond the images of a batch; one file each."""

from unlearnable_lightning.defences.adversarial_training import AdversarialTraining
from unlearnable_lightning.defences.base import Defence, Victim
from unlearnable_lightning.defences.cutmix import CutMix
from unlearnable_lightning.defences.leaked_pairs import LeakedPairs
from unlearnable_lightning.defences.mixup import Mixup
from unlearnable_lightning.defences.orthogonal_projection import OrthogonalProjection
from unlearnable_lightning.defences.purification import Purification
from unlearnable_lightning.defences.ueraser import UEraser

NAMES = (
    "AdversarialTraining",
    "CutMix",
    "LeakedPairs",
    "Mixup",
    "OrthogonalProjection",
    "Purification",
    "UEraser",
)

__all__ = [
    "NAMES",
    "AdversarialTraining",
    "CutMix",
    "Defence",
    "LeakedPairs",
    "Mixup",
    "OrthogonalProjection",
    "Purification",
    "UEraser",
    "Victim",
]
