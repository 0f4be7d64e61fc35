"""The settings of SGD that make no sense."""

import math

from unlearnable_lightning.errors import UnlearnableError


def check_sgd(
    lr: float,
    momentum: float,
    weight_decay: float,
    max_grad_norm: float | None,
    nesterov: bool = False,
) -> None:
    """Refuses settings with which SGD climbs, stands still or overflows.

    Raises:
        UnlearnableError: `lr` is not above 0 and finite, `momentum` or `weight_decay` lies outside
            [0, 1), gradients would be clipped to a norm that is not above 0, or `nesterov` has no
            momentum.
    """
    if not 0 < lr < math.inf:
        raise UnlearnableError(f"lr={lr}: the learning rate must be above 0, such as 0.1.")
    for name, value in (("momentum", momentum), ("weight_decay", weight_decay)):
        if not 0 <= value < 1:
            raise UnlearnableError(f"{name}={value}: it must lie in [0, 1).")
    if nesterov and momentum == 0:
        raise UnlearnableError(
            "nesterov=True with momentum=0: Nesterov's step looks ahead along the momentum. Give "
            "momentum=0.9, or nesterov=False."
        )
    if max_grad_norm is not None and not max_grad_norm > 0:
        raise UnlearnableError(
            f"max_grad_norm={max_grad_norm}: it must be above 0; null is no clipping."
        )
