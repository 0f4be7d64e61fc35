"""Pixel amounts: epsilon and step sizes, in [0, 1] everywhere, also written `8/255`."""

import re
from fractions import Fraction

from unlearnable_lightning.errors import UnlearnableError


def as_pixels(value: float | str, name: str = "epsilon", most: float = 1.0) -> float:
    """Reads an amount of pixel intensity, on the scale where black is 0 and white is 1.

    Args:
        value: a number (0.03) or a fraction (`"8/255"`, `"1.6/255"`).
        name: what the error message calls it.
        most: the largest amount allowed.

    Returns:
        The amount, 0 < amount <= most.

    Raises:
        UnlearnableError: not a number, or out of range (an epsilon given in grey levels, say).
    """
    try:
        if isinstance(value, bool):  # 1.0 to Python
            raise TypeError
        amount = _read(value.replace(" ", "")) if isinstance(value, str) else float(value)
    except (ValueError, TypeError, ArithmeticError):
        raise UnlearnableError(
            f"{name}={value!r} is not a number. Write a decimal or a fraction, such as 8/255."
        ) from None
    if not 0 < amount <= most:
        hint = f" Did you mean {amount:g}/255?" if 1 <= amount <= 255 else ""
        raise UnlearnableError(
            f"{name}={value} is out of range: pixels lie in [0, 1], so it must be above 0 and at "
            f"most {most:g}.{hint}"
        )
    return amount


def as_step(value: float | str, epsilon: float, name: str = "step_size") -> float:
    """Reads a step size: an amount of pixel intensity, or a share of epsilon, which another epsilon
    changes with it.

    Args:
        value: as for `as_pixels`, or `"epsilon/5"`; `"epsilon"` is all of it.
        epsilon: the bound that it is a share of, in pixels of [0, 1].
        name: what the error message calls it.

    Returns:
        The step in pixels of [0, 1].

    Raises:
        UnlearnableError: as `as_pixels`, or no share of epsilon.

    Example:
        >>> as_step("epsilon/5", 8 / 255) == 1.6 / 255
        True
    """
    if not isinstance(value, str) or not value.strip().startswith("epsilon"):
        return as_pixels(value, name)
    share = re.fullmatch(r"epsilon(?:/(\d+(?:\.\d+)?))?", value.replace(" ", ""))
    parts = float(share[1] or 1) if share else 0.0
    if parts < 1:
        raise UnlearnableError(
            f"{name}={value!r} is no share of epsilon. Write epsilon/5, by a number of at least 1, "
            "or an amount such as 2/255."
        )
    return epsilon / parts


def _read(text: str) -> float:
    above, slash, below = text.partition("/")  # Fraction knows no decimal above the line
    return float(Fraction(above) / int(below) if slash else Fraction(above))
