"""Seeds that PyTorch's generators take."""

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.errors import UnlearnableError


def check_seed(seed: int) -> None:
    """Refuses what is no seed.

    Raises:
        UnlearnableError: no whole number, or one outside -2^63 to 2^64 - 1.
    """
    rule = "a seed is a whole number from -2^63 to 2^64 - 1"
    if whole_number("seed", seed, -(2**63), rule) >= 2**64:
        raise UnlearnableError(f"seed={seed}: {rule}. Give a smaller one.")
