"""What is said around a run: no advert, no traceback of the Trainer's, every bug in full."""

import logging
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.utilities.rank_zero import rank_zero_info
from lightning_utilities.core.imports import RequirementCache

from unlearnable_lightning.cli import main
from unlearnable_lightning.command_line.adverts import silence_adverts

WITHOUT_GPU = ["--trainer.accelerator", "gpu"]


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def test_adverts_are_silent_and_nothing_else_is(
    train: list[str], caplog: Any, monkeypatch: Any
) -> None:
    # the handler of Lightning's own logger would miss what caplog reads at the root
    monkeypatch.setattr(logging.getLogger("lightning.pytorch"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="lightning.pytorch"):
        main(["fit", *train, "--trainer.max_epochs", "1"])
        rank_zero_info("💡 Tip: a tip of another kind")
    assert "litlogger" not in caplog.text
    assert "litmodels" not in caplog.text
    assert "GPU available" in caplog.text
    assert "a tip of another kind" in caplog.text


def test_the_filter_is_there_once(train: list[str]) -> None:
    for _ in range(3):
        silence_adverts()
    assert len(logging.getLogger("lightning.pytorch.utilities.rank_zero").filters) == 1


def test_no_gpu_where_one_is_asked_for(train: list[str], monkeypatch: Any) -> None:
    for each in ("CUDAAccelerator", "MPSAccelerator"):
        there = f"lightning.pytorch.accelerators.{each}.is_available"
        monkeypatch.setattr(there, lambda: False)
    with pytest.raises(SystemExit) as end:
        main(["fit", *train, *WITHOUT_GPU])
    refused = "error: the Trainer refuses its arguments: No supported gpu backend found!"
    assert str(end.value.code).startswith(refused)
    assert "accelerator=gpu" in str(end.value.code)


def test_a_bug_in_a_callback_of_the_trainer_keeps_its_traceback(
    train: list[str], monkeypatch: Any
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr("unlearnable_lightning.cli.FitConfig.__init__", broken)
    with pytest.raises(TypeError, match="a bug"):
        main(["fit", *train])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--trainer.callbacks+", "LearningRateMonitor"], "has no logger"),
        (
            ["--trainer.callbacks+", "EarlyStopping", "--trainer.callbacks.monitor", "loss"],
            "metric `loss` which is not available",
        ),
        (["--trainer.logger", "WandbLogger"], "wandb"),
        (["--trainer.limit_val_batches", "0.001"], "Please increase the `limit_val_batches`"),
    ],
)
def test_what_lightning_says_of_misuse_is_one_line(
    arguments: list[str], message: str, train: list[str], monkeypatch: Any
) -> None:
    none = RequirementCache("wandb>=999")
    monkeypatch.setattr("lightning.pytorch.loggers.wandb._WANDB_AVAILABLE", none)
    with pytest.raises(SystemExit) as end:
        main(["fit", *train, *arguments])
    assert str(end.value.code).startswith("error: ")
    assert message in str(end.value.code)
    assert "\n" not in str(end.value.code)


@pytest.mark.parametrize("command", ["test", "validate", "predict"])
def test_no_batch_is_nothing_to_do(command: str, train: list[str]) -> None:
    name = {"validate": "val"}.get(command, command)
    with pytest.raises(SystemExit, match=f"there is nothing to {command}"):
        main([command, *train, f"--trainer.limit_{name}_batches", "0"])


@pytest.mark.filterwarnings("ignore:You passed .*precision='16-mixed':UserWarning")
@pytest.mark.parametrize("precision", ["bf16-mixed", "16-mixed"])
def test_half_precision_runs_on_a_processor(precision: str, train: list[str]) -> None:
    main(["fit", *train, "--trainer.max_epochs", "1", "--trainer.precision", precision])
    assert Path("checkpoints/last.ckpt").exists()


def test_numbers_that_mean_all_or_none_are_left_alone(train: list[str]) -> None:
    all_or_none = ["--trainer.num_sanity_val_steps=-1", "--trainer.gradient_clip_val", "0"]
    main(["fit", *train, "--trainer.max_epochs", "1", *all_or_none, "--seed_everything", "true"])
    assert Path("checkpoints/last.ckpt").exists()
