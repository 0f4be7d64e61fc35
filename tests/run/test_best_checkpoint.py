"""`best.ckpt` is that of this run, or of the one that it goes on with."""

from pathlib import Path
from typing import Any

import pytest
import torch

from unlearnable_lightning.run import BestCheckpoint


@pytest.mark.parametrize("beside", [False, True])
def test_a_checkpoint_names_no_file_that_a_resumed_run_takes_for_its_best_weights(
    beside: bool, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer("first", max_epochs=1).fit(classifier(), shapes())
    checkpoints = tmp_path / "first" / "checkpoints"
    best, last = checkpoints / "best.ckpt", checkpoints / "last.ckpt"
    foreign = tmp_path / "foreign" / "best.ckpt"
    foreign.parent.mkdir()
    foreign.write_bytes(best.read_bytes())
    content = torch.load(last, weights_only=True, map_location="cpu")
    (state,) = (each for name, each in content["callbacks"].items() if "BestCheckpoint" in name)
    state |= {
        "dirpath": str(tmp_path / "second" / "checkpoints"),
        "best_model_path": str(foreign),
        "kth_best_model_path": str(foreign),
        "best_k_models": {str(foreign): torch.tensor(0.0)},
        "last_model_path": str(foreign),
    }
    torch.save(content, last)
    if not beside:
        best.unlink()
    run = trainer("second", limit_val_batches=0)
    run.fit(classifier(), shapes(), ckpt_path=last)
    (kept,) = (each for each in run.checkpoint_callbacks if isinstance(each, BestCheckpoint))
    assert str(foreign) not in str(kept.state_dict())
    assert Path(kept.best_model_path).name == ("best.ckpt" if beside else "")
    assert foreign.exists()
