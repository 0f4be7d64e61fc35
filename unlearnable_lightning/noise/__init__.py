"""How a release is made: the driver of rounds, methods in closed form, pictures of noise."""

from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.methods.ar import AR
from unlearnable_lightning.noise.methods.aue import AUE
from unlearnable_lightning.noise.methods.cuda import CUDA
from unlearnable_lightning.noise.methods.error_minimizing import NoiseGenLightningModule
from unlearnable_lightning.noise.methods.gray import GrayAug
from unlearnable_lightning.noise.methods.lsp import LSP
from unlearnable_lightning.noise.methods.mi_ue import MIUE
from unlearnable_lightning.noise.methods.ops import OPS
from unlearnable_lightning.noise.methods.pil import PIL
from unlearnable_lightning.noise.methods.rem import REM
from unlearnable_lightning.noise.methods.sem import SEM
from unlearnable_lightning.noise.methods.sign_classwise import SignClasswise
from unlearnable_lightning.noise.methods.tap import TAP
from unlearnable_lightning.noise.methods.uniform_classwise import UniformClasswise
from unlearnable_lightning.noise.methods.uniform_samplewise import UniformSamplewise

__all__ = [
    "AR",
    "AUE",
    "CUDA",
    "LSP",
    "MIUE",
    "OPS",
    "PIL",
    "REM",
    "SEM",
    "TAP",
    "ClosedForm",
    "GrayAug",
    "NoiseDriver",
    "NoiseGenLightningModule",
    "SignClasswise",
    "UniformClasswise",
    "UniformSamplewise",
    "mask",
    "triples",
]
