"""A network as attacks and the sweep need it: frozen, in eval mode, in one precision."""

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.folded_copy import FoldedCopy
from unlearnable_lightning.attacks.pgd import frozen
from unlearnable_lightning.attacks.reference import Reference
from unlearnable_lightning.models.trial import untouched


class FrozenModel(nn.Module):
    """What many gradient steps on its input go through: a `FoldedCopy` of a model, or the model.

    A copy is used only if it gives the logits of the model, to float noise, on a few random images.
    That is looked at when it is built, and at the 1st, 2nd, 4th, 8th, … refresh, where the copy is
    made anew. Where there is no such copy, or the model has become another one (a new layer, a
    hook, another number in an attribute), the model itself is run, in eval mode and frozen.

    Args:
        model: never changed, not even where it is run itself.
        shape: of an image, C, H, W.
        dtype: of the arithmetic; logits come back as float32.
    """

    def __init__(
        self, model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.training = False  # of this module alone: eval() would reach the model
        self.shape, self.dtype, self.refreshes = shape, dtype, 0
        self.original = Reference(model)  # no part of this module while a copy of it is
        self.network: nn.Module = self._copy() or model

    @property
    def folds(self) -> dict[str, str]:
        """Convolutions and the BatchNorms that they have taken in, by name."""
        return self.network.folds if isinstance(self.network, FoldedCopy) else {}

    def refresh(self) -> None:
        """Takes over the weights and statistics that the model has now."""
        if not isinstance(self.network, FoldedCopy):
            return
        self.refreshes += 1
        if not self.network.is_current():
            self.network = self.original.model
        elif self.refreshes & (self.refreshes - 1) == 0:  # a power of 2
            self.network = self._copy() or self.original.model
        else:
            self.network.load()

    def forward(self, images: Tensor) -> Tensor:
        """Logits, float32 [B, K], of images [B, C, H, W] in [0, 1]."""
        logits: Tensor
        if isinstance(self.network, FoldedCopy):
            logits = self.network(images)
            return logits
        as_the_caller_has_it = self.dtype == torch.float32
        with (
            frozen(self.network),
            nullcontext()
            if as_the_caller_has_it
            else torch.autocast(images.device.type, self.dtype),
        ):
            logits = self.network(images)
            return logits.float()

    def _copy(self) -> FoldedCopy | None:
        model = self.original.model
        try:
            with untouched(model):  # tracing and comparing run its code
                folded = FoldedCopy(model)
                if not same_logits(folded, model, self.shape):
                    return None
        except Exception:  # foreign code may raise anything; the model itself is always right
            return None
        folded.cast(self.dtype)
        return folded


@torch.no_grad()
def same_logits(folded: nn.Module, model: nn.Module, shape: tuple[int, ...]) -> bool:
    """Whether a float32 copy gives what `model` gives in eval mode, on four random images.

    Folding moves logits by about 1e-6 of the largest. A GPU may round convolutions to the 10 bits
    of TF32, which moves both by about 1e-3.
    """
    generator = torch.Generator().manual_seed(0)  # not the run's: its draws stay what they were
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    images = torch.rand(4, *shape, generator=generator, dtype=torch.float32).to(device)
    with frozen(model), torch.autocast(device.type, enabled=False):
        ours, theirs = folded(images), model(images).float()
    finite = theirs[theirs.isfinite()].abs()
    scale = finite.max().item() if len(finite) else 0.0
    tolerance = (1e-4 if device.type == "cpu" else 1e-2) * scale
    return ours.shape == theirs.shape and torch.allclose(
        ours, theirs, rtol=0, atol=tolerance, equal_nan=True
    )
