"""Pixel amounts: epsilon and step sizes, in [0, 1] everywhere, also written `8/255`."""

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


def _read(text: str) -> float:
    above, slash, below = text.partition("/")  # Fraction knows no decimal above the line
    return float(Fraction(above) / int(below) if slash else Fraction(above))
