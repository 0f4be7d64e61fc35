"""The weights that a `test` scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import nn

from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.attacks.outline import duplicate
from unlearnable_lightning.report.test_result import Choice
from unlearnable_lightning.run.best_weights import chosen_by, find_best, is_best
from unlearnable_lightning.run.checkpoint_io import read_checkpoint, weights_of
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.training.scores import Scores


@dataclass(frozen=True)
class UnderTest:
    """A network with some weights. It is no part of the module that tests it.

    Attributes:
        name: of the weights, in the table: `initial`, `last`, `best` or `best_<word>`.
        model: images to logits.
        frozen: the same, to be attacked.
        scores: by the name of the attack.
    """

    name: str
    model: nn.Module
    frozen: FrozenModel
    scores: dict[str, Scores]

    def rows(self) -> list[dict[str, Any]]:
        """Of the table: weights, attack, loss, accuracy and error. Scores start anew."""
        return [
            {"weights": self.name, "attack": attack}
            | {key: value.item() for key, value in scores.pop().items()}
            for attack, scores in self.scores.items()
        ]


class FrozenVictim:
    """The network in training, frozen with its weights of the moment, for attacks. It is no part
    of the module that trains it.

    Args:
        model: in training.
        shape: of an image, C, H, W.
        dtype: of the attacks' arithmetic.
    """

    def __init__(self, model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        self.model, self.shape, self.dtype = model, shape, dtype
        self.frozen: FrozenModel | None = None

    def __call__(self) -> FrozenModel:
        """The frozen copy, with the weights that the network has now."""
        if self.frozen is None:
            self.frozen = FrozenModel(self.model, self.shape, self.dtype)
        else:
            self.frozen.refresh()
        return self.frozen


def put_under_test(
    module: Any, attacks: Iterable[str]
) -> tuple[list[UnderTest], dict[str, Choice]]:
    """What a `ClassifierModule` tests in its Trainer, and what chose weights, by their name.

    Args:
        module: as `test` begins.
        attacks: their names in the table.

    Raises:
        UnlearnableError: the best weights are of another network.
    """
    with torch.inference_mode(False):  # attacks differentiate through these weights
        models, choices = _models(module.trainer, module)
        tested = [
            UnderTest(
                name,
                model,
                FrozenModel(model, module.image_shape, module.attack_dtype),
                {attack: Scores().to(module.device) for attack in attacks},
            )
            for name, model in models.items()
        ]
    return tested, choices


def _models(trainer: L.Trainer, module: Any) -> tuple[dict[str, nn.Module], dict[str, Choice]]:
    """`last` and, if this run or the tested checkpoint's has them, `best` and its like."""
    tested = trainer.ckpt_path
    if tested and is_best(Path(tested)):
        name = Path(tested).stem
        return {name: module.model}, {name: chosen_by(Path(tested))}
    best = find_best(trainer)
    untrained = not best and not tested and trainer.global_step == 0
    models = {"initial" if untrained else "last": module.model}
    for name, (path, _) in best.items():
        checkpoint = read_checkpoint(trainer, path)
        PastRun.of(checkpoint, path).check_fixed(module.fixed, module.hparams)
        models[name] = duplicate(module.model)
        models[name].load_state_dict(weights_of("model", checkpoint))
        models[name].eval()
    return models, {name: choice for name, (_, choice) in best.items()}
