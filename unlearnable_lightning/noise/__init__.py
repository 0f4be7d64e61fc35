"""How a release is made: the driver of rounds, methods in closed form, pictures of noise."""

from typing import TYPE_CHECKING

from unlearnable_lightning.lazy import lazy
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.formulas.ar import ar
from unlearnable_lightning.noise.formulas.cuda import cuda
from unlearnable_lightning.noise.formulas.lsp import lsp
from unlearnable_lightning.noise.formulas.ops import cifar10_s, ops
from unlearnable_lightning.noise.formulas.signs import signs
from unlearnable_lightning.noise.formulas.uniform import uniform

if TYPE_CHECKING:
    from unlearnable_lightning.noise.face import *
else:
    __getattr__, __dir__ = lazy(__name__)

__all__ = [  # modules are imported from `face.py` when they are used
    "AR",
    "AUE",
    "CUDA",
    "LSP",
    "MIUE",
    "OPS",
    "PIL",
    "REM",
    "SEM",
    "SEP",
    "TAP",
    "ClosedForm",
    "EntF",
    "GrayAug",
    "NoiseDriver",
    "NoiseGenLightningModule",
    "SignClasswise",
    "UniformClasswise",
    "UniformSamplewise",
    "ar",
    "cifar10_s",
    "cuda",
    "lsp",
    "mask",
    "ops",
    "signs",
    "triples",
    "uniform",
]
