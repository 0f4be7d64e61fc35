"""What the numbers of a victim's arguments may be."""

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels, as_step


def check_classifier(
    steps: int,
    test_steps: int | None,
    restarts: int,
    natural_weight: float,
    warmup: float,
    label_smoothing: float = 0.0,
) -> None:
    """Refuses counts, shares and words that mean nothing.

    Raises:
        UnlearnableError: naming the argument.
    """
    for name, share in (("natural_weight", natural_weight), ("warmup", warmup)):
        if not 0 <= share <= 1:
            raise UnlearnableError(f"{name}={share}: it is a share and must lie in [0, 1].")
    if not 0 <= label_smoothing < 1:
        raise UnlearnableError(
            f"label_smoothing={label_smoothing}: it is the share of a target that all classes "
            "divide among them, and must lie in [0, 1). Give 0.1, or 0 for none."
        )
    counts = {"steps": steps, "test_steps": test_steps, "restarts": restarts}
    for name, count in counts.items():
        if count is not None and count < 1:
            raise UnlearnableError(f"{name}={count}: an attack needs at least 1.")


def amounts(epsilon: float | str, step_size: float | str | None) -> tuple[float, float]:
    """The radius of the ball and the step of PGD, a tenth of it if it is not given.

    Raises:
        UnlearnableError: outside (0, 1].
    """
    radius = as_pixels(epsilon)
    return radius, radius / 10 if step_size is None else as_step(step_size, radius)
