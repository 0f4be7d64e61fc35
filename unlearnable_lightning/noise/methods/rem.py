"""REM, robust error-minimizing noise: Fu et al., "Robust Unlearnable Examples: Protecting Data
Against Adversarial Learning", ICLR 2022, arXiv 2203.14533."""

from typing import Any

from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.noise.methods.sem import SEM


class REM(SEM):
    """`SEM` whose inner attack is PGD, so that noise lowers the largest loss near each view.

        min over delta of the mean over views z of max over |a| <= attack_epsilon of CE(f(z + a), y)

    Radius 4/255, 10 steps of 0.8/255 from a uniform start are published for epsilon 8/255. A noise
    step takes 11 gradients for each view, a `SEM` step one.

    Args:
        inner: the attack in the noise steps.
        kwargs: as in `SEM`.

    Example:
        >>> module = REM(epsilon="8/255", views=["RandomCropFlip"])
    """

    def __init__(self, inner: Spec = "pgd", **kwargs: Any) -> None:
        super().__init__(inner=inner, **kwargs)
