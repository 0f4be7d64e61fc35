"""The hook that a sweep begins with."""

from typing import Any

import pytest

from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.noise import SEM, TAP
from unlearnable_lightning.noise.sweep import Sweep


@pytest.mark.parametrize(
    ("method", "arguments", "times"),
    [
        (NoiseGenLightningModule, {}, 3),  # a sweep a round
        (TAP, {"step_size": "2/255"}, 1),  # one after the last
        (SEM, {"samples": 1, "attack_steps": 1}, 4),  # one a round for its batches, the last one
    ],
)
def test_every_sweep_begins_with_it_and_noise_steps_come_after(
    method: Any, arguments: dict[str, Any], times: int, shapes: Any, trainer: Any
) -> None:
    said: list[str] = []

    class Watched(method):  # type: ignore[misc]
        def begin_sweep(self, sweep: Sweep) -> None:
            assert sum(len(batch["label"]) for batch in sweep.batches("test")) == 100
            said.append(f"begin {id(sweep.surrogate)}")

        def noise_step(self, model: Any, *given: Any) -> Any:
            assert said[-1] == f"begin {id(model)}"
            return super().noise_step(model, *given)

    made = Watched(
        model="cnn_small", image_size=16, steps=2, model_steps=2, stop_error=None, **arguments
    )
    trainer(max_epochs=3).fit(made, shapes())
    assert len(said) == times
