"""Checkpoints are opened without running code from them, and written whole."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch

from unlearnable_lightning import ClassifierModule, ShapesDataModule, UnlearnableError
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO


class Payload:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Calls a method of a new Trainer with a small classifier, a few images and a checkpoint."""

    def call(method: str, checkpoint: Path | None = None, epochs: int = 1) -> None:
        module = ClassifierModule(model="cnn_small", image_size=16, steps=2)
        data = ShapesDataModule(train_size=60, test_size=60, image_size=16)
        trainer = L.Trainer(
            max_epochs=epochs, accelerator="cpu", logger=False, default_root_dir=tmp_path,
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        getattr(trainer, method)(module, datamodule=data, ckpt_path=checkpoint)

    return call


@pytest.mark.parametrize("method", ["fit", "test", "predict"])
@pytest.mark.parametrize("place", ["state_dict", "hyper_parameters", "callbacks"])
def test_a_payload_is_refused_and_not_run(
    method: str, place: str, run: Any, tmp_path: Path
) -> None:
    run("fit")
    checkpoint = torch.load(tmp_path / "checkpoints" / "last.ckpt", map_location="cpu")
    checkpoint[place]["more"] = Payload(tmp_path / "executed")
    torch.save(checkpoint, tmp_path / "bad.ckpt")
    with pytest.raises(UnlearnableError, match="holds more than tensors, numbers and text"):
        run(method, tmp_path / "bad.ckpt", epochs=2)
    assert not (tmp_path / "executed").exists()
    torch.load(tmp_path / "bad.ckpt", weights_only=False)
    assert (tmp_path / "executed").exists()  # it would have


def test_a_payload_in_the_best_weights_is_not_run_by_a_test(run: Any, tmp_path: Path) -> None:
    run("fit")
    best = tmp_path / "checkpoints" / "best.ckpt"
    torch.save(
        torch.load(best, map_location="cpu") | {"more": Payload(tmp_path / "executed")}, best
    )
    with pytest.raises(UnlearnableError, match=r"best.ckpt is refused"):
        run("test", tmp_path / "checkpoints" / "last.ckpt")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_a_cut_checkpoint_is_refused(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    SafeCheckpointIO().save_checkpoint({"state_dict": {"weight": torch.ones(1000)}}, path)
    assert SafeCheckpointIO().load_checkpoint(path)["state_dict"]["weight"].sum() == 1000
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UnlearnableError, match="is refused"):
        SafeCheckpointIO().load_checkpoint(path)


def test_a_failed_save_keeps_the_old_checkpoint(tmp_path: Path, monkeypatch: Any) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    path = tmp_path / "model.ckpt"
    SafeCheckpointIO().save_checkpoint({"epoch": 1}, path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnlearnableError, match="no space left"):
        SafeCheckpointIO().save_checkpoint({"epoch": 2}, path)
    assert SafeCheckpointIO().load_checkpoint(path) == {"epoch": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["model.ckpt"]


def test_the_checkpoint_io_of_the_user_stays(tmp_path: Path) -> None:
    class Theirs(SafeCheckpointIO):
        pass

    trainer = L.Trainer(plugins=[Theirs()], logger=False, fast_dev_run=1, accelerator="cpu")
    data = ShapesDataModule(train_size=60, test_size=60, image_size=16)
    trainer.fit(ClassifierModule(model="cnn_small", image_size=16), data)
    assert type(trainer.strategy.checkpoint_io) is Theirs
