"""A validation that an attacker could have, beside the oracle, and what is chosen by it."""

import json
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.nn.functional import cross_entropy

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.report import report

WORDS = "best accuracy on held-out training images (no oracle: an attacker has them)"


class Record(Callback):
    """The logged accuracies of each validation."""

    def __init__(self) -> None:
        self.seen: list[dict[str, float]] = []

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            metrics = trainer.callback_metrics.items()
            self.seen.append({name: value.item() for name, value in metrics})


def test_both_validations_are_scored_on_their_own_images(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    data, module, record = shapes(poisoned_val_size=20), classifier(), Record()
    trainer(max_epochs=1, callbacks=[record]).fit(module, data)
    for name, part in (("val", data.val_set), ("poisoned_val", data.poisoned_val_set)):
        logits = module.model.eval()(part.images / 255)
        right = (logits.argmax(1) == part.labels).float().mean().item()
        assert record.seen[0][f"{name}_accuracy"] == pytest.approx(right)
        loss = cross_entropy(logits, part.labels).item()
        assert record.seen[0][f"{name}_loss"] == pytest.approx(loss, rel=1e-4)


@pytest.mark.parametrize("val_size", [0.5, 0])
def test_the_best_epoch_is_chosen_by_poisoned_images(
    val_size: float, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path, capsys: Any
) -> None:
    data, record = shapes(poisoned_val_size=0.3, val_size=val_size), Record()
    module, run = classifier(best_by="poisoned", lr=0.5, test_attacks=[]), trainer(max_epochs=4)
    run.callbacks.append(record)
    run.fit(module, data)
    best = torch.load(
        tmp_path / "run" / "checkpoints" / "best.ckpt", weights_only=True, map_location="cpu"
    )
    seen = [each["poisoned_val_accuracy"] for each in record.seen]
    assert best["epoch"] == seen.index(max(seen))
    assert ("val_accuracy" in record.seen[0]) == bool(val_size)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    capsys.readouterr()
    trainer("elsewhere").test(classifier(test_attacks=[]), shapes(val_size=val_size), last)
    assert f"best: weights of the epoch with the {WORDS}" in capsys.readouterr().out
    choice = json.loads((tmp_path / "run" / "test.json").read_text())["best"]
    assert choice == {"monitor": "poisoned_val_accuracy", "mode": "max"}
    assert f"best: the epoch with the {WORDS}." in report(tmp_path)


def test_without_clean_validation_images_nothing_is_chosen_by_them(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(classifier(), shapes(poisoned_val_size=20, val_size=0))
    files = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert files == ["last.ckpt"]


def test_choosing_by_images_that_are_not_held_out_is_refused_before_anything_is_written(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnlearnableError, match=r"best_by=poisoned.*data\.poisoned_val_size"):
        trainer().fit(classifier(best_by="poisoned"), shapes())
    assert not (tmp_path / "run").exists()
    with pytest.raises(UnlearnableError, match=r"best_by='test': give clean, .* or epoch_5"):
        classifier(best_by="test")


def test_a_resumed_training_holds_out_the_same_images(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    def data(**more: Any) -> Any:
        return shapes(**{"poisoned_val_size": 20} | more)

    L.seed_everything(1)
    unbroken = classifier(best_by="poisoned")
    trainer("a", limit_val_batches=1).fit(unbroken, data())
    L.seed_everything(1)
    module, last = classifier(best_by="poisoned"), tmp_path / "b" / "checkpoints" / "last.ckpt"

    class Stop(Callback):
        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            if trainer.current_epoch == 1:
                raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", limit_val_batches=1, callbacks=[Stop()]).fit(module, data())
    resumed = classifier(best_by="poisoned")
    trainer("b", limit_val_batches=1).fit(resumed, data(), ckpt_path=last)
    for key, value in unbroken.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[key]), key
    for other in ({"poisoned_val_size": 30}, {"seed": 1}):
        with pytest.raises(UnlearnableError, match="other images"):
            trainer("b", max_epochs=3).fit(resumed, data(**other), ckpt_path=last)


def test_validate_scores_both(classifier: Any, shapes: Any, trainer: Any) -> None:
    (scores,) = trainer().validate(classifier(), shapes(poisoned_val_size=20), verbose=False)[:1]
    together = trainer("b").validate(classifier(), shapes(poisoned_val_size=20), verbose=False)
    names = {name for each in together for name in each}
    assert {"val_accuracy", "poisoned_val_accuracy", "poisoned_val_loss"} <= names
    assert scores


def test_a_generator_holds_out_nothing(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnlearnableError, match="poisoned_val_size=20: noise is made for all"):
        trainer().fit(generator(), shapes(poisoned_val_size=20))
    assert not list(tmp_path.rglob("*.safetensors"))
    with pytest.raises(UnlearnableError, match="predict_on=test: a generator poisons training"):
        trainer().predict(generator(), shapes(predict_on="test"))


def test_two_loaders_of_the_user_s_are_refused(classifier: Any, shapes: Any, trainer: Any) -> None:
    data = shapes()
    data.setup("fit")
    loaders = [data.val_dataloader(), data.val_dataloader()]
    with pytest.raises(UnlearnableError, match="names for 1"):
        trainer().validate(classifier(), loaders, verbose=False)
