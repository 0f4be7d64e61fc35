"""What `test` tries is named, ours and the user's alike."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.report import report

HERE = __name__
CALLS: list[tuple[float, int]] = []
FOUR = {"class_path": "pgd", "init_args": {"steps": 4}}


def wipe(model: nn.Module, images: Tensor, labels: Tensor, epsilon: float, steps: int) -> Tensor:
    """All images become black; `CALLS` has the settings."""
    CALLS.append((epsilon, steps))
    return -images


def pgd(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    return torch.zeros_like(images)


def none(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    return torch.zeros_like(images)


def test_an_attack_of_the_user_s_is_a_row_of_the_table(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    CALLS.clear()
    spec = {"class_path": f"{HERE}.wipe", "init_args": {}}
    module = classifier(test_attacks=[spec, "fgsm"], epsilon="2/255", test_steps=7)
    trainer().test(module, shapes(), verbose=False)
    assert CALLS == [(2 / 255, 7)]
    assert [row["attack"] for row in module.table] == ["none", "wipe", "fgsm"]
    black = module.model.eval()(torch.zeros(1, 3, 16, 16)).argmax().item()
    data = shapes()
    data.setup("test")
    expected = (data.test_set.labels == black).float().mean().item()
    assert module.table[1]["accuracy"] == pytest.approx(expected)
    arguments = json.loads((tmp_path / "run" / "test.json").read_text())["arguments"]
    assert arguments["test_attacks"] == [spec, "fgsm"]


@pytest.mark.parametrize(
    ("attacks", "message"),
    [
        (["pgd", f"{HERE}.pgd"], "test_attacks has 'pgd' twice"),
        (["fgsm", {"class_path": "fgsm", "init_args": {}}], "has 'fgsm' twice"),
        (["pgd", *2 * [FOUR]], "has 'pgd steps=4' twice"),
        ([f"{HERE}.none"], "test_attacks has 'none' twice"),
        (["cw"], "test_attacks='cw' is not found.*Give one of fgsm, pgd"),
        ("pgd", "test_attacks='pgd': give a list"),
    ],
)
def test_attacks_that_the_table_could_not_name_are_refused(
    attacks: Any, message: str, classifier: Any
) -> None:
    with pytest.raises(UnlearnableError, match=message):
        classifier(test_attacks=attacks)


def test_one_attack_with_two_settings_is_two_columns(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    """As of PGD with the step of the thesis's code and of its text."""
    CALLS.clear()
    given = [{"steps": 2}, {"epsilon": 0.125, "steps": 40}]
    specs = [{"class_path": f"{HERE}.wipe", "init_args": settings} for settings in given]
    module = classifier(test_attacks=specs, epsilon="2/255", test_steps=7)
    (logged,) = trainer().test(module, shapes(), verbose=False)
    assert CALLS == [(2 / 255, 2), (0.125, 40)]
    attacks = [row["attack"] for row in module.table]
    assert attacks == ["none", "wipe steps=2", "wipe epsilon=0.125 steps=40"]
    assert "test_initial_wipe_epsilon_0.125_steps_40_accuracy" in logged
    assert "| WIPE steps=2 | WIPE epsilon=0.125 steps=40 |" in report(tmp_path)


def test_training_and_test_have_steps_of_their_own(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    CALLS.clear()
    module = classifier(attack=f"{HERE}.wipe", steps=2, test_steps=5, test_attacks=[f"{HERE}.wipe"])
    run = trainer(max_epochs=1)
    run.fit(module, shapes())
    assert {steps for _, steps in CALLS} == {2}
    CALLS.clear()
    run.test(module, shapes(), verbose=False)
    assert {steps for _, steps in CALLS} == {5}
