"""One stop rule: when a run ends and its noise is finished; what a refused run leaves alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping

from unlearnable_lightning import Release, UnlearnableError

SMALL = {"steps": 1, "model_steps": 2, "stop_error": None}


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


def last(folder: Path) -> Path:
    return folder / "checkpoints" / "last.ckpt"


def noise_of(folder: Path) -> Release:
    return Release.load(folder / "noise.safetensors")


class Raise(Callback):
    """An exception in one hook, the first time or from some epoch on."""

    def __init__(self, hook: str, epoch: int = 0, error: BaseException | None = None) -> None:
        def fail(trainer: L.Trainer, *_: Any, **__: Any) -> None:
            if trainer.current_epoch >= epoch:
                raise error or RuntimeError("power cut")

        setattr(self, hook, fail)


def test_max_steps_at_the_end_of_a_round_finishes_the_same_noise_as_max_epochs(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    limits = {"a": {"max_epochs": 2}, "b": {"max_epochs": -1, "max_steps": 4}}
    for folder, limit in limits.items():
        L.seed_everything(0)
        trainer(folder, **limit).fit(generator(**SMALL), shapes())
    assert noise_of(tmp_path / "b").finished
    assert files(tmp_path / "a")["noise.safetensors"] == files(tmp_path / "b")["noise.safetensors"]


def test_max_steps_within_a_round_still_sweeps_and_finishes(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path, caplog: Any
) -> None:
    module, run = generator(**SMALL), trainer(max_epochs=-1, max_steps=3)
    before: list[torch.Tensor] = []

    class Record(Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            before.append(pl_module.deltas.delta.clone())

    run.callbacks.append(Record())
    with caplog.at_level("INFO"):
        run.fit(module, shapes())
    assert (run.global_step, module.deltas.rounds, noise_of(tmp_path / "run").finished) == (
        *(3, 2),
        True,
    )
    assert (module.deltas.delta != before[1]).flatten(1).any(1).all()  # every image was swept
    assert "max_steps=3 is reached" in caplog.text


@pytest.mark.parametrize("limit", ["max_epochs", "max_steps"])
def test_a_run_resumed_past_its_limit_equals_one_of_the_larger_limit(
    limit: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    def limits(rounds: int) -> dict[str, int]:
        steps = {"max_epochs": -1, "max_steps": 2 * rounds}
        return steps if limit == "max_steps" else {"max_epochs": rounds}

    L.seed_everything(0)
    trainer("whole", **limits(4)).fit(generator(**SMALL), shapes())
    L.seed_everything(0)
    trainer("parts", **limits(2)).fit(generator(**SMALL), shapes())
    checkpoint = last(tmp_path / "parts")
    trainer("parts", **limits(4)).fit(generator(**SMALL), shapes(), ckpt_path=checkpoint)
    whole, parts = (files(tmp_path / folder)["noise.safetensors"] for folder in ("whole", "parts"))
    assert whole == parts


@pytest.mark.parametrize("limit", [{"max_epochs": 2}, {"max_epochs": -1, "max_steps": 4}])
@pytest.mark.parametrize("kind", ["generator", "classifier"])
def test_a_finished_run_resumed_as_it_was_says_so_and_leaves_its_files(
    kind: str, limit: Any, shapes: Any, trainer: Any, tmp_path: Path, caplog: Any, request: Any
) -> None:
    make = request.getfixturevalue(kind)
    arguments = SMALL if kind == "generator" else {}
    trainer(**limit).fit(make(**arguments), shapes(batch_size=50))
    before = files(tmp_path / "run")
    module = make(**arguments)
    with caplog.at_level("INFO"):
        trainer(**limit).fit(module, shapes(batch_size=50), ckpt_path=last(tmp_path / "run"))
    name, value = list(limit.items())[-1]
    assert f"Nothing is left to do: {name}={value} is reached. To go on, give" in caplog.text
    assert files(tmp_path / "run") == before
    if kind == "generator":
        assert module.noise().finished


def test_a_classifier_resumed_past_max_steps_equals_the_unbroken_one(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    L.seed_everything(0)
    whole = classifier(cosine=False)
    trainer("whole", max_epochs=-1, max_steps=8).fit(whole, shapes(batch_size=50))
    L.seed_everything(0)
    trainer("parts", max_epochs=-1, max_steps=4).fit(
        classifier(cosine=False), shapes(batch_size=50)
    )
    parts, checkpoint = classifier(cosine=False), last(tmp_path / "parts")
    trainer("parts", max_epochs=-1, max_steps=8).fit(
        parts, shapes(batch_size=50), ckpt_path=checkpoint
    )
    for key, value in whole.model.state_dict().items():
        assert torch.equal(value, parts.model.state_dict()[key]), key


def test_a_run_that_reached_stop_error_is_not_trained_on(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path, caplog: Any
) -> None:
    easy = SMALL | {"stop_error": 0.99}
    trainer(max_epochs=5).fit(generator(**easy), shapes())
    before = files(tmp_path / "run")
    with caplog.at_level("INFO"):
        trainer(max_epochs=5).fit(generator(**easy), shapes(), ckpt_path=last(tmp_path / "run"))
    assert "Nothing is left to do: stop_error=0.99 is reached" in caplog.text
    assert files(tmp_path / "run") == before
    module = generator(**SMALL)  # and goes on without that rule
    trainer(max_epochs=3).fit(module, shapes(), ckpt_path=last(tmp_path / "run"))
    assert module.deltas.rounds == 3


def test_a_finished_run_resumed_into_another_folder_leaves_its_noise_there(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer("a").fit(generator(**SMALL), shapes())
    trainer("b").fit(generator(**SMALL), shapes(), ckpt_path=last(tmp_path / "a"))
    assert files(tmp_path / "a")["noise.safetensors"] == files(tmp_path / "b")["noise.safetensors"]


def test_noise_is_finished_only_once_min_epochs_let_the_run_end(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    seen: list[bool] = []

    class Record(Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            if pl_module.deltas.rounds:
                seen.append(noise_of(tmp_path / "run").finished)

    module = generator(**SMALL | {"stop_error": 0.99})
    trainer(max_epochs=5, min_epochs=3, callbacks=[Record()]).fit(module, shapes())
    assert (seen, module.deltas.rounds) == ([False, False], 3)
    assert noise_of(tmp_path / "run").finished


def test_early_stopping_and_max_time_finish_the_noise(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path, caplog: Any
) -> None:
    stop = EarlyStopping("error", patience=0, min_delta=1, check_on_train_epoch_end=True)
    limits = {"a": {"max_epochs": 9, "callbacks": [stop]}}
    limits["b"] = {"max_epochs": -1, "max_time": timedelta(milliseconds=300)}
    for folder, limit in limits.items():
        with caplog.at_level("INFO"):
            trainer(folder, **limit).fit(generator(**SMALL), shapes())
        assert noise_of(tmp_path / folder).finished
        assert "the Trainer was told to stop" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("power cut")])
def test_an_exception_in_the_round_leaves_noise_unfinished_and_one_after_it_does_not(
    error: BaseException, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    hooks = {"on_train_batch_end": (1, False), "on_train_epoch_end": (1, False)}
    hooks |= {"on_train_end": (2, True), "on_fit_end": (2, True)}
    for hook, expected in hooks.items():
        with pytest.raises((SystemExit, RuntimeError)):
            trainer(hook, callbacks=[Raise(hook, 1, error)]).fit(generator(**SMALL), shapes())
        noise = noise_of(tmp_path / hook)
        assert (noise.made_by["rounds"], noise.finished) == expected, hook


@pytest.mark.parametrize("hook", ["setup", "on_fit_start", "on_train_start"])
def test_a_resume_that_another_callback_refuses_changes_no_file(
    hook: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(**SMALL), shapes())
    before, checkpoint = files(tmp_path / "run"), last(tmp_path / "run")
    for epochs in (2, 4):
        run = trainer(max_epochs=epochs, callbacks=[Raise(hook)])
        if (hook, epochs) == ("on_train_start", 2):
            continue  # nothing is left to do: training does not start
        with pytest.raises(RuntimeError, match="power cut"):
            run.fit(generator(**SMALL), shapes(), ckpt_path=checkpoint)
        assert files(tmp_path / "run") == before


def test_a_resume_on_other_images_changes_no_file(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(**SMALL), shapes())
    before = files(tmp_path / "run")
    for epochs in (2, 4):
        run = trainer(max_epochs=epochs)
        with pytest.raises(UnlearnableError, match="other images"):
            run.fit(generator(**SMALL), shapes(train_subset=50), ckpt_path=last(tmp_path / "run"))
        assert files(tmp_path / "run") == before


@pytest.mark.parametrize("call", ["test", "validate", "predict"])
@pytest.mark.parametrize("interrupted", [False, True])
def test_only_a_fit_writes_noise(
    interrupted: bool, call: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    data, module = shapes(), generator(**SMALL)
    run = trainer(callbacks=[Raise("on_train_batch_end", 1)] if interrupted else [])
    try:
        run.fit(module, data)
    except RuntimeError:
        assert interrupted
    before = files(tmp_path / "run")
    with pytest.raises(UnlearnableError, match="no such file"):
        getattr(run, call)(module, data, ckpt_path="no_such.ckpt")
    run.callbacks.insert(0, Raise(f"on_{call}_start" if call != "validate" else "setup"))
    with pytest.raises(RuntimeError, match="power cut"):
        getattr(run, call)(module, data)
    assert files(tmp_path / "run") == before
    assert noise_of(tmp_path / "run").finished is not interrupted


def test_a_second_fit_of_one_trainer_is_refused_and_changes_nothing(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    run, module = trainer(), generator(**SMALL)
    run.fit(module, shapes())
    before = files(tmp_path / "run")
    for again in (module, generator(**SMALL)):
        with pytest.raises(UnlearnableError, match="exists already"):
            run.fit(again, shapes())
    assert files(tmp_path / "run") == before


def test_a_second_fit_that_would_do_nothing_is_refused(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    run = trainer(enable_checkpointing=False)
    run.fit(classifier(), shapes())
    with pytest.raises(UnlearnableError, match="nothing would be trained: max_epochs=2"):
        run.fit(classifier(), shapes())


def test_a_module_goes_on_in_a_second_trainer(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module = generator(**SMALL)
    trainer("a").fit(module, shapes())
    before = files(tmp_path / "a")
    trainer("b").fit(module, shapes())
    assert files(tmp_path / "a") == before
    noise = noise_of(tmp_path / "b")
    assert (noise.made_by["rounds"], noise.finished) == (4, True)


@pytest.mark.parametrize(
    "limit",
    [{"max_epochs": 0}, {"max_steps": 0}, {"limit_train_batches": 0}, {"limit_train_batches": 0.0}],
)
@pytest.mark.parametrize("kind", ["generator", "classifier"])
def test_a_run_of_nothing_is_refused_before_anything_is_written(
    kind: str, limit: Any, shapes: Any, trainer: Any, tmp_path: Path, request: Any
) -> None:
    name, value = list(limit.items())[-1]
    with pytest.raises(UnlearnableError, match=f"{name}={value}: nothing would be trained"):
        trainer(logger=True, **limit).fit(request.getfixturevalue(kind)(), shapes())
    assert not (tmp_path / "run").exists()


def test_no_time_at_all_is_refused(generator: Any, shapes: Any, trainer: Any) -> None:
    with pytest.raises(UnlearnableError, match="nothing would be trained"):
        trainer(max_time=timedelta(0)).fit(generator(**SMALL), shapes())


@pytest.mark.filterwarnings("ignore:You requested to overfit")  # it then leaves the order alone
def test_small_tries_stay_allowed(
    generator: Any, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    for make in (generator, classifier):
        trainer("none", fast_dev_run=True).fit(make(), shapes())
    assert not (tmp_path / "none").exists()
    trainer("few", overfit_batches=1).fit(generator(**SMALL), shapes())
    assert noise_of(tmp_path / "few").finished


@pytest.mark.parametrize("kind", ["generator", "classifier"])
def test_max_epochs_below_the_checkpoint_s_are_refused(
    kind: str, shapes: Any, trainer: Any, tmp_path: Path, request: Any
) -> None:
    make = request.getfixturevalue(kind)
    trainer().fit(make(), shapes())
    before = files(tmp_path / "run")
    with pytest.raises(UnlearnableError, match="completed 2 epochs, but max_epochs=1"):
        trainer(max_epochs=1).fit(make(), shapes(), ckpt_path=last(tmp_path / "run"))
    assert files(tmp_path / "run") == before


def test_weights_alone_are_not_resumed(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    run = trainer()
    run.fit(classifier(), shapes())
    run.save_checkpoint(tmp_path / "weights.ckpt", weights_only=True)
    with pytest.raises(UnlearnableError, match="holds weights alone"):
        trainer("b", max_epochs=4).fit(classifier(), shapes(), ckpt_path=tmp_path / "weights.ckpt")
