"""What `noise` exports and Lightning is needed for; imported when the first of it is used."""

from unlearnable_lightning.noise.closed_form import ClosedForm as ClosedForm
from unlearnable_lightning.noise.driver import NoiseDriver as NoiseDriver
from unlearnable_lightning.noise.methods.ar import AR as AR
from unlearnable_lightning.noise.methods.aue import AUE as AUE
from unlearnable_lightning.noise.methods.cuda import CUDA as CUDA
from unlearnable_lightning.noise.methods.entf import EntF as EntF
from unlearnable_lightning.noise.methods.error_minimizing import (
    NoiseGenLightningModule as NoiseGenLightningModule,
)
from unlearnable_lightning.noise.methods.gray import GrayAug as GrayAug
from unlearnable_lightning.noise.methods.lsp import LSP as LSP
from unlearnable_lightning.noise.methods.mi_ue import MIUE as MIUE
from unlearnable_lightning.noise.methods.ops import OPS as OPS
from unlearnable_lightning.noise.methods.pil import PIL as PIL
from unlearnable_lightning.noise.methods.rem import REM as REM
from unlearnable_lightning.noise.methods.sem import SEM as SEM
from unlearnable_lightning.noise.methods.sep import SEP as SEP
from unlearnable_lightning.noise.methods.sign_classwise import SignClasswise as SignClasswise
from unlearnable_lightning.noise.methods.tap import TAP as TAP
from unlearnable_lightning.noise.methods.uniform_classwise import (
    UniformClasswise as UniformClasswise,
)
from unlearnable_lightning.noise.methods.uniform_samplewise import (
    UniformSamplewise as UniformSamplewise,
)
