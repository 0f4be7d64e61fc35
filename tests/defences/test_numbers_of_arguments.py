"""Every defence and augmentation refuses what is no number when it is made, not in an epoch.

A YAML names the defences as plain data, so nothing but their constructors looks at the numbers.
"""

import inspect
import math
from types import ModuleType
from typing import Any

import pytest

from unlearnable_lightning import augment, defences
from unlearnable_lightning.defences import leak_models
from unlearnable_lightning.errors import UnlearnableError

NEEDED: dict[str, dict[str, Any]] = {
    "GaussianNoise": {"std": 0.1},
    "UniformNoise": {"low": -0.1, "high": 0.1},
    "Purification": {"model": "unlearnable_lightning.defences.gaussian_prior.GaussianPrior"},
}
INT, FLOAT = ("int", "int | None"), ("float", "float | str", "float | str | None")


def arguments(kinds: tuple[str, ...]) -> list[Any]:
    """(class, argument) of all that have an argument annotated so."""
    found = []
    rooms: tuple[ModuleType, ...] = (augment, defences, leak_models)
    for room in rooms:
        for name in room.NAMES:
            made = getattr(room, name)
            for argument, parameter in inspect.signature(made).parameters.items():
                words = parameter.annotation
                annotation = words.__name__ if isinstance(words, type) else str(words)
                if annotation in kinds:
                    found.append(pytest.param(made, argument, id=f"{name}-{argument}"))
    return found


def make(kind: type, **given: Any) -> Any:
    return kind(**NEEDED.get(kind.__name__, {}) | given)


@pytest.mark.parametrize(("kind", "argument"), arguments(INT))
@pytest.mark.parametrize("value", [2.5, math.nan, math.inf, -(2**70)])
def test_a_count_is_whole(kind: type, argument: str, value: float) -> None:
    with pytest.raises(UnlearnableError, match=r"whole number|integer|exactly one|odd"):
        make(kind, **{argument: value})


@pytest.mark.parametrize(("kind", "argument"), arguments(FLOAT))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_amount_is_finite(kind: type, argument: str, value: float) -> None:
    with pytest.raises(UnlearnableError, match=argument.split("_")[0]):
        make(kind, **{argument: value})


def test_the_lists_are_those_of_the_signatures() -> None:
    assert len(arguments(INT)) > 20
    assert len(arguments(FLOAT)) > 20
