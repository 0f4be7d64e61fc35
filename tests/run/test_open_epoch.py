"""Checkpoints made in the middle of an epoch, and objects whose epoch broke off."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.augment import RandomCropFlip

# views at random, so that the order of the draws counts
SMALL = {"steps": 1, "model_steps": 3, "stop_error": None, "views": ["RandomCropFlip"]}


@pytest.fixture
def augmented(shapes: Any) -> Any:
    """Data of a classifier, with random draws in every batch."""
    return lambda: shapes(batch_size=16, augment=[RandomCropFlip()])


@pytest.fixture
def plain(shapes: Any) -> Any:
    """Data of a generator, which makes the views itself."""
    return lambda: shapes(batch_size=16)


def noise_of(folder: Path) -> bytes:
    return (folder / "noise.safetensors").read_bytes()


@pytest.mark.parametrize(("every", "limit_val_batches"), [(2, 1), (3, 0), (3, 1)])
def test_every_checkpoint_within_a_round_resumes_to_the_unbroken_noise(
    every: int, limit_val_batches: int, generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    """Every 3 of 3 model steps: between the last step and the sweep."""
    own = ModelCheckpoint(tmp_path / "own", every_n_train_steps=every, save_top_k=-1)
    more = {"max_epochs": 3, "limit_val_batches": limit_val_batches}
    L.seed_everything(1)
    trainer("unbroken", **more, callbacks=[own]).fit(generator(**SMALL), plain())
    checkpoints = sorted((tmp_path / "own").iterdir())
    assert len(checkpoints) == 9 // every
    for checkpoint in checkpoints:
        L.seed_everything(77)
        run = trainer(checkpoint.stem, **more)
        run.fit(generator(**SMALL), plain(), ckpt_path=checkpoint)
        assert run.global_step == 9
        assert noise_of(tmp_path / checkpoint.stem) == noise_of(tmp_path / "unbroken"), checkpoint


def test_checkpoints_of_a_monitor_and_of_a_callback_resume_to_the_unbroken_noise(
    generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    """Both are made before the sweep: after validation, and before the module's own hook."""

    class Save(Callback):
        def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
            trainer.save_checkpoint(tmp_path / "own" / f"mine{trainer.current_epoch}.ckpt")

    own = ModelCheckpoint(tmp_path / "own", monitor="val_accuracy", mode="max", save_top_k=-1)
    L.seed_everything(1)
    trainer("unbroken", max_epochs=3, callbacks=[own, Save()]).fit(generator(**SMALL), plain())
    checkpoints = sorted((tmp_path / "own").iterdir())
    assert len(checkpoints) == 6
    for checkpoint in checkpoints:
        run = trainer(checkpoint.stem, max_epochs=3)
        run.fit(generator(**SMALL), plain(), ckpt_path=checkpoint)
        assert noise_of(tmp_path / checkpoint.stem) == noise_of(tmp_path / "unbroken"), checkpoint


def test_a_checkpoint_within_a_sweep_or_a_step_is_refused_and_nothing_written(
    generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    def in_sweep(module: Any) -> None:
        check = module.check_finite

        def fail(value: Any, what: str) -> None:
            check(value, what)
            if "sweep batch 2" in what and module.deltas.rounds == 1:
                raise RuntimeError("power cut")

        module.check_finite = fail

    def in_step(module: Any) -> None:
        step = module.training_step

        def fail(batch: Any, batch_idx: int) -> Any:
            if module.deltas.rounds == 1 and batch_idx == 1:
                raise RuntimeError("power cut")
            return step(batch, batch_idx)

        module.training_step = fail

    for broken, where in ((in_sweep, "within its sweep"), (in_step, "within a model step")):
        own = ModelCheckpoint(tmp_path / where, filename="own", save_on_exception=True)
        module = generator(**SMALL)
        broken(module)
        with pytest.raises(RuntimeError, match="power cut"):
            trainer("broken" + where, callbacks=[own], max_epochs=3).fit(module, plain())
        path = max((tmp_path / where).iterdir(), key=lambda path: path.stat().st_mtime_ns)
        with pytest.raises(UnlearnableError, match=f"in the middle of round 2, {where}"):
            trainer("again" + where, max_epochs=3).fit(generator(**SMALL), plain(), ckpt_path=path)
        assert not [*(tmp_path / ("again" + where)).rglob("*.*t*")]


def test_a_pending_sweep_that_max_steps_would_cut_off_is_refused(
    generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    own = ModelCheckpoint(tmp_path / "own", filename="own", every_n_train_steps=3)
    trainer("a", max_epochs=1, callbacks=[own]).fit(generator(**SMALL), plain())
    with pytest.raises(UnlearnableError, match=r"max_steps=3 ends the run .*max_epochs instead"):
        trainer("b", max_epochs=-1, max_steps=3).fit(
            generator(**SMALL), plain(), ckpt_path=tmp_path / "own" / "own.ckpt"
        )


def test_a_pending_sweep_of_an_older_version_is_refused_and_its_whole_rounds_load(
    generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    own = ModelCheckpoint(tmp_path / "own", filename="own", every_n_train_steps=3)
    trainer("a", max_epochs=1, callbacks=[own]).fit(generator(**SMALL), plain())
    trainer("b", max_epochs=1).fit(generator(**SMALL), plain())
    for path in (tmp_path / "own" / "own.ckpt", tmp_path / "b" / "checkpoints" / "last.ckpt"):
        checkpoint = torch.load(path, map_location="cpu")
        del checkpoint["open_epoch"], checkpoint["train_images"]
        torch.save(checkpoint, path)
    with pytest.raises(UnlearnableError, match="in the middle of round 1, by a version"):
        trainer("c").fit(generator(**SMALL), plain(), ckpt_path=tmp_path / "own" / "own.ckpt")
    module = generator(**SMALL)
    trainer("b").fit(module, plain(), ckpt_path=path)
    assert module.deltas.rounds == 2


@pytest.mark.parametrize("every", [5, 7])
def test_a_classifier_resumes_within_an_epoch_to_the_unbroken_weights(
    every: int, classifier: Any, augmented: Any, trainer: Any, tmp_path: Path
) -> None:
    own = ModelCheckpoint(tmp_path / "own", every_n_train_steps=every, save_top_k=-1)
    L.seed_everything(1)
    unbroken = classifier()
    trainer("unbroken", callbacks=[own]).fit(unbroken, augmented())  # 7 batches an epoch
    for checkpoint in sorted((tmp_path / "own").iterdir())[:2]:
        resumed = classifier()
        trainer(checkpoint.stem).fit(resumed, augmented(), ckpt_path=checkpoint)
        for key, value in unbroken.model.state_dict().items():
            assert torch.equal(value, resumed.model.state_dict()[key]), (checkpoint, key)


class PowerCut(Callback):
    def on_train_batch_end(self, trainer: Any, pl_module: Any, o: Any, b: Any, idx: int) -> None:
        if trainer.current_epoch == 1 and idx == 1:
            raise RuntimeError("power cut")


@pytest.mark.parametrize(("kind", "images"), [("generator", "plain"), ("classifier", "augmented")])
def test_scores_of_a_broken_epoch_are_not_added_to_the_next(
    kind: str, images: str, trainer: Any, tmp_path: Path, request: Any
) -> None:
    make, arguments = request.getfixturevalue(kind), SMALL if kind == "generator" else {}
    data = request.getfixturevalue(images)
    logged: dict[str, dict[str, float]] = {}
    last = tmp_path / "broken" / "checkpoints" / "last.ckpt"
    L.seed_everything(1)
    broken = make(**arguments)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("broken", callbacks=[PowerCut()]).fit(broken, data())
    for name, module in (("new object", make(**arguments)), ("same object", broken)):
        run = trainer(name)
        run.fit(module, data(), ckpt_path=last)
        logged[name] = {key: value.item() for key, value in run.callback_metrics.items()}
    assert logged["new object"] == logged["same object"]
    assert "train_loss" in logged["same object"]


def test_scores_of_a_broken_validation_are_not_added_to_the_next(
    classifier: Any, augmented: Any, trainer: Any
) -> None:
    module = classifier()
    step = module.validation_step

    def fail(batch: Any, batch_idx: int) -> None:
        step(batch, batch_idx)
        raise RuntimeError("power cut")

    module.validation_step = fail
    with pytest.raises(RuntimeError, match="power cut"):
        trainer().validate(module, augmented())
    module.validation_step = step
    (again,) = trainer().validate(module, augmented(), verbose=False)
    (fresh,) = trainer().validate(module, augmented(), verbose=False)
    assert again == fresh


def test_a_first_round_that_broke_off_is_drawn_anew_by_the_same_object(
    generator: Any, plain: Any, trainer: Any, tmp_path: Path
) -> None:
    L.seed_everything(1)
    module = generator(**SMALL)
    start = {key: value.clone() for key, value in module.model.state_dict().items()}
    check = module.check_finite

    def fail(value: Any, what: str) -> None:
        if "sweep batch 2" in what:
            raise RuntimeError("power cut")
        check(value, what)

    module.check_finite = fail
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("broken").fit(module, plain())
    module.check_finite = check
    module.model.load_state_dict(start)
    trainer("again").fit(module, plain())
    L.seed_everything(1)
    trainer("fresh").fit(generator(**SMALL), plain())
    assert noise_of(tmp_path / "again") == noise_of(tmp_path / "fresh")
