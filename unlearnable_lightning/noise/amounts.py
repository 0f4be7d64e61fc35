"""How much noise must be allowed to move, so that something is left of it in 8 bits."""

import math

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels, floor_grey_levels


def noise_epsilon(value: float | str) -> float:
    """Reads the bound of noise that is published in 8 bits: `as_pixels`, and 1 to 127 grey levels.

    An attack on a model in memory may be smaller; noise is rounded to whole grey levels, of which
    white is 255, and a bound below 1/255 leaves none but 0. Noise files hold at most 127.

    Raises:
        UnlearnableError: as `as_pixels` does, or the bound is below one grey level.
    """
    epsilon = as_pixels(value, most=127 / 255)
    if floor_grey_levels(epsilon) < 1:
        raise UnlearnableError(
            f"epsilon={value} is {255 * epsilon:.3g} grey levels: images have 8 bits, so their "
            "pixels change by whole grey levels of 1/255, and noise below one changes nothing. "
            "The smallest epsilon that does is 1/255; 8/255 is usual."
        )
    return epsilon


def check_step_size(step_size: float, steps: int, epsilon: float) -> None:
    """Refuses steps that leave the noise where it was.

    Noise is kept as float16 between sweeps, whose values between epsilon / 2 and epsilon, where
    half of U(-epsilon, epsilon) lies, are 2^-12 to 2^-11 of epsilon apart or more. A sweep that
    moves noise by less than half of that is rounded away.

    Args:
        step_size: of one error-minimizing step, in pixels of [0, 1].
        steps: T, how many a sweep takes.
        epsilon: bound of the noise, in pixels of [0, 1].

    Raises:
        UnlearnableError: says the smallest step that does something.
    """
    _, exponent = math.frexp(epsilon / 2)
    least = 2.0 ** (exponent - 12)
    if step_size * steps < least:
        raise UnlearnableError(
            f"step_size={step_size:.3g} with steps={steps} moves the noise by "
            f"{step_size * steps:.3g} at a time, which float16 rounds away beside epsilon="
            f"{epsilon:.4g}. Give a step_size of at least {least / steps:.2g}; epsilon / 10 = "
            f"{epsilon / 10:.2g} is usual."
        )


def check_reach(step_size: float, steps: int, sweeps: int) -> None:
    """Refuses a run that starts from zeros and ends before it could reach half a grey level, which
    is what rounding needs: all its noise would be 0.

    Args:
        step_size: of one error-minimizing step, in pixels of [0, 1].
        steps: T, how many of them are taken at a time.
        sweeps: how many times the run takes them.

    Raises:
        UnlearnableError: says the smallest step that does something.
    """
    if step_size * steps * sweeps < 0.5 / 255:
        raise UnlearnableError(
            f"step_size={step_size:.3g} with steps={steps} cannot reach half a grey level (0.5/255)"
            f" from init=zeros in {sweeps} times, so the noise would be all zeros. Give a "
            f"step_size of at least {0.5 / 255 / (steps * sweeps):.2g}, more steps, more rounds "
            "(max_epochs) or init=uniform."
        )
