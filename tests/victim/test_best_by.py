"""What chose the "best" weights is said as it was: in the table, test.json and the report."""

import json
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.callbacks import ModelCheckpoint

from unlearnable_lightning.report import report

USUAL = "weights of the epoch with the best clean validation accuracy (an oracle)"
LOSS = "weights of the epoch with the lowest val_loss (monitor val_loss, mode min; an oracle)"
TRAIN = "weights of the epoch with the highest train_error (monitor train_error, mode max)"


@pytest.mark.parametrize(
    ("monitor", "mode", "words"),
    [
        (None, None, USUAL),
        ("val_accuracy", "max", USUAL),
        ("val_loss", "min", LOSS),
        ("train_error", "max", TRAIN),
    ],
)
@pytest.mark.parametrize("tested", ["after fit", "last.ckpt", "best.ckpt"])
def test_the_table_says_what_chose_the_best_weights(
    tested: str, monitor: str | None, mode: str | None, words: str, classifier: Any, shapes: Any,
    trainer: Any, tmp_path: Path, capsys: Any,
) -> None:  # fmt: skip
    folder = tmp_path / "run" / "checkpoints"
    own = []
    if monitor:
        own = [ModelCheckpoint(folder, filename="best", monitor=monitor, mode=mode, save_last=True)]
    module, run = classifier(test_attacks=[]), trainer(callbacks=own)
    run.fit(module, shapes())
    path = None if tested == "after fit" else folder / tested
    if path:
        run = trainer("elsewhere")  # it knows nothing of the callback
    run.test(module, shapes(), ckpt_path=path)
    assert f"best: {words}" in capsys.readouterr().out
    best = json.loads((tmp_path / "run" / "test.json").read_text())["best"]
    assert best == {"monitor": monitor or "val_accuracy", "mode": mode or "max"}
    assert f"best: {words.removeprefix('weights of ')}." in report(tmp_path)


def test_a_report_of_several_choices_says_which_run_has_which(tmp_path: Path) -> None:
    row = {"weights": "best", "attack": "none", "accuracy": 0.5}
    for name, more in {
        "a": {},  # written before the choice was
        "b": {"best": {"monitor": "val_loss", "mode": "min"}},
        "c": {"best": None, "table": [row | {"weights": "last"}]},
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "test.json").write_text(json.dumps({"table": [row]} | more))
    text = report(tmp_path)
    assert "best of a: the epoch with the best clean validation accuracy (an oracle)." in text
    assert "best of b: the epoch with the lowest val_loss (monitor val_loss, mode min; an" in text
    assert "best of c" not in text
