"""Several choices of an epoch from one training, side by side."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.report import report
from unlearnable_lightning.report.test_result import Choice, fixed_epoch
from unlearnable_lightning.victim.selection import up_to_knee, words_of

ALL = ["clean", "poisoned", "knee", "epoch_1"]
NAMES = ["last", "best", "best_epoch_1", "best_knee", "best_poisoned"]


class Scripted(Callback):
    """Sets accuracies to what a test wants and the weights to the number of the epoch."""

    def __init__(self, **accuracies: list[float]) -> None:
        self.accuracies = accuracies

    def setup(self, trainer: Any, module: Any, stage: str) -> None:
        if stage != "fit":
            return

        def scores(name: str) -> dict[str, torch.Tensor]:
            value = torch.tensor(self.accuracies[name][module.current_epoch])
            return {f"{name}_loss": 1 - value, f"{name}_accuracy": value}

        module.val_scores.pop = lambda _: scores("val") | scores("poisoned_val")
        module.train_scores.pop = lambda _: scores("train")

    def on_train_batch_end(self, trainer: Any, module: Any, *_: Any) -> None:
        torch.nn.init.constant_(module.model[-1].bias, trainer.current_epoch)


def epoch_of(path: Path) -> int:
    weights = torch.load(path, weights_only=True, map_location="cpu")["state_dict"]
    return int([value for key, value in weights.items() if key.endswith("bias")][-1][0])


def test_one_training_gives_all_choices_side_by_side(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path, capsys: Any
) -> None:
    script = Scripted(
        val=[0.2, 0.6, 0.5, 0.4, 0.3],
        poisoned_val=[0.1, 0.2, 0.3, 0.9, 0.8],
        train=[0.3, 0.7, 0.91, 0.97, 0.99],
    )
    module = classifier(best_by=ALL, test_attacks=[])
    run = trainer(max_epochs=5, callbacks=[script], num_sanity_val_steps=0)
    data = shapes(poisoned_val_size=0.2)
    run.fit(module, data)
    folder = tmp_path / "run" / "checkpoints"
    chosen = {name: epoch_of(folder / f"{name}.ckpt") for name in NAMES}
    by_training = {"best_epoch_1": 0, "best_knee": 2}
    assert chosen == {"last": 4, "best": 1, "best_poisoned": 3, **by_training}
    for path in (None, folder / "last.ckpt"):
        test = run if path is None else trainer("run")
        test.test(module, data, ckpt_path=path)
        assert [row["weights"] for row in module.table] == NAMES
        said = capsys.readouterr().out
        assert "best: weights of the epoch with the best clean validation accuracy (an ora" in said
        assert "best_knee: weights of the epoch with the first training accuracy of 90 %" in said
        assert "best_epoch_1: weights of the epoch with the number 1" in said
        assert "best_poisoned: weights of the epoch with the best accuracy on held-out" in said
    found = json.loads((tmp_path / "run" / "test.json").read_text())
    assert found["best"] == found["choices"]["best"]
    assert found["choices"]["best_knee"]["monitor"] == "train_accuracy_to_90"
    text = report(tmp_path)
    assert "best_knee: the epoch with the first training accuracy of 90 %, else the high" in text
    assert text.count("| best") == 4
    test = trainer("elsewhere")
    test.test(module, data, ckpt_path=folder / "best_knee.ckpt", verbose=False)
    assert [row["weights"] for row in module.table] == ["best_knee"]
    loaded = type(module).load_from_checkpoint(folder / "best_knee.ckpt")
    assert loaded.best_by == tuple(ALL)


def test_without_an_epoch_of_90_percent_the_highest_is_the_knee() -> None:
    accuracy = torch.tensor([0.3, 0.8, 0.7, 0.95, 0.99])
    assert up_to_knee(accuracy).argmax() == 3
    assert up_to_knee(accuracy[:3]).argmax() == 1


def test_a_resumed_run_keeps_what_was_chosen_before(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    script = Scripted(val=[0.6, 0.2, 0.5], poisoned_val=[0.9, 0.2, 0.3], train=[0.93, 0.94, 0.95])
    for folder, epochs, last in (("a", 1, None), ("b", 3, "a/checkpoints/last.ckpt")):
        module = classifier(best_by=ALL, test_attacks=[])
        run = trainer(folder, max_epochs=epochs, callbacks=[script], num_sanity_val_steps=0)
        path = None if last is None else tmp_path / last
        run.fit(module, shapes(poisoned_val_size=0.2), ckpt_path=path)
    files = [tmp_path / "b" / "checkpoints" / f"{name}.ckpt" for name in NAMES]
    assert [epoch_of(path) for path in files] == [2, 0, 0, 0, 0]


@pytest.mark.parametrize("bad", [[], ["clean", "clean"], ["last"], 3, ["clean", 1]])
def test_bad_words_are_refused(bad: Any) -> None:
    with pytest.raises(UnlearnableError, match="best_by="):
        words_of(bad)


def test_a_fixed_epoch_is_that_epoch_whatever_the_accuracies(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    script = Scripted(val=[0.9, 0.1, 0.5, 0.7], poisoned_val=[0.1] * 4, train=[0.9, 0.2, 0.1, 0.8])
    module = classifier(best_by=["epoch_3", "epoch_2"], test_attacks=[])
    run = trainer(max_epochs=4, callbacks=[script], num_sanity_val_steps=0)
    run.fit(module, shapes(poisoned_val_size=0.2))
    folder = tmp_path / "run" / "checkpoints"
    assert [epoch_of(folder / f"{name}.ckpt") for name in ("best", "best_epoch_2")] == [2, 1]


def test_an_epoch_after_the_end_is_refused(classifier: Any, shapes: Any, trainer: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"best_by=epoch_3: .*max_epochs=2"):
        trainer(max_epochs=2).fit(classifier(best_by="epoch_3"), shapes())


@pytest.mark.parametrize("number", [1, 5])
def test_words_say_which_epoch_was_fixed(number: int) -> None:
    said = str(Choice(fixed_epoch(number)))
    assert said == f"number {number} (no oracle: it was fixed before the training)"
    assert "monitor" in str(Choice("epochs_up_to_x"))
