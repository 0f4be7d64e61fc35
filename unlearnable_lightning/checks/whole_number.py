"""Arguments that count something."""

from numbers import Integral

from unlearnable_lightning.errors import UnlearnableError


def whole_number(name: str, value: int, least: int, rule: str) -> int:
    """An argument as an `int`. NumPy's integers are taken; floats and bools are not, since 2.5
    would be cut and `True` is 1 to Python.

    Args:
        name: of the argument.
        value: what the user gave.
        least: the smallest value allowed.
        rule: what the message says of it, such as `a batch holds at least 1 image`.

    Raises:
        UnlearnableError: no whole number, or one below `least`.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise UnlearnableError(f"{name}={value!r}: {rule}. Give a whole number.")
    return int(value)
