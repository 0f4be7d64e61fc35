"""A loss that is infinite or NaN ends the run while what came before it is still worth keeping."""

import torch
from torch import Tensor


class NonFiniteError(RuntimeError):
    """Loss or noise became infinite or NaN; what was computed before is kept."""


def check_finite(value: Tensor, what: str, epoch: int) -> None:
    """Refuses to go on with numbers that are none.

    Args:
        value: of any shape.
        what: its name in the message.
        epoch: in which it came up.

    Raises:
        NonFiniteError: `value` has an infinite or NaN element.
    """
    if not torch.isfinite(value).all():
        raise NonFiniteError(
            f"{what} is not finite in epoch {epoch}. A lower lr, a lower max_grad_norm or "
            "--trainer.precision 32-true may help. The last checkpoint is from the epoch before."
        )
