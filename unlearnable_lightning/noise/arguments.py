"""The arguments of the driver, checked before anything is built on them."""

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.amounts import check_step_size, noise_epsilon
from unlearnable_lightning.noise.first_noise import FIRST
from unlearnable_lightning.pixels import as_step
from unlearnable_lightning.release import KINDS


def read_amounts(
    epsilon: float | str, step_size: float | str | None, steps: int
) -> tuple[float, float]:
    """Epsilon and step size in pixels of [0, 1]; a step size of None is a tenth of epsilon.

    Raises:
        UnlearnableError: out of range, or steps that leave the noise where it was.
    """
    bound = noise_epsilon(epsilon)
    step = bound / 10 if step_size is None else as_step(step_size, bound)
    whole_number("steps", steps, 1, "it must be at least 1")
    check_step_size(step, steps, bound)
    return bound, step


def check_rounds(
    kind: str,
    init: str,
    class_rule: str,
    steps: int,
    model_steps: int | None,
    stop_error: float | None,
    sweep_batch_size: int | None,
) -> None:
    """Refuses what no round can be made of.

    Raises:
        UnlearnableError: naming the argument, its value and the rule.
    """
    for name, count, least in (
        ("steps", steps, 1),
        ("model_steps", model_steps, 0),
        ("sweep_batch_size", sweep_batch_size, 1),
    ):
        if count is not None:
            whole_number(name, count, least, f"it must be at least {least}")
    for name, value, allowed in (
        ("kind", kind, KINDS),
        ("init", init, FIRST),
        ("class_rule", class_rule, ("mean", "sequential")),
    ):
        if value not in allowed:
            raise UnlearnableError(f"{name}={value!r}: give one of {', '.join(allowed)}.")
    if stop_error is not None and not 0 <= stop_error < 1:
        raise UnlearnableError(
            f"stop_error={stop_error}: an error lies in [0, 1); 1 % is 0.01, null never stops."
        )
