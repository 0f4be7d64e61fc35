"""On the command line, too, a checkpoint chooses nothing that is called."""

from pathlib import Path
from typing import Any

import pytest
import torch
from traps import Trap, checkpoint_with, names_in

from unlearnable_lightning.cli import main

PLACES = list(names_in(Path()))
LAST = ["--ckpt_path", "checkpoints/last.ckpt"]


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def unnamed(train: list[str]) -> list[str]:
    """Arguments of a run that leave the network to the checkpoint."""
    return [*train[:2], *train[4:]]


def refused(arguments: list[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, str)  # a refusal of ours, no error of the parser
    return end.value.code


@pytest.mark.parametrize("place", PLACES)
def test_a_name_in_a_checkpoint_is_refused(place: str, unnamed: list[str], trap: Trap) -> None:
    torch.save(checkpoint_with(**names_in(trap.trace)[place]), "e.ckpt")
    assert "e.ckpt is refused" in refused(["test", *unnamed, "--ckpt_path", "e.ckpt"])
    assert not trap.sprung


@pytest.mark.parametrize("command", ["fit", "validate", "predict"])
def test_every_command_refuses_it(command: str, unnamed: list[str], trap: Trap) -> None:
    torch.save(checkpoint_with(model="trap.cnn_small"), "e.ckpt")
    message = refused([command, *unnamed, "--ckpt_path", "e.ckpt"])
    assert "model='trap.cnn_small'" in message
    assert "--model.model" in message
    assert not trap.sprung
    assert not Path("config.yaml").exists()


def test_the_input_of_the_report_runs_nothing(unnamed: list[str], trap: Trap) -> None:
    command = {"command": f"touch {trap.trace}"}
    torch.save(checkpoint_with(model="os.system", model_args=command), "e.ckpt")
    given = ["--model.model", "cnn_small"]
    for arguments in ([], given, [*given, "--model.model_args", "null"]):
        refused(["test", *unnamed, *arguments, "--ckpt_path", "e.ckpt"])
    assert not trap.sprung


@pytest.mark.parametrize("module", ["ClassifierModule", "NoiseGenLightningModule"])
def test_the_class_that_a_checkpoint_names_is_not_imported(
    module: str, train: list[str], generate: list[str], trap: Trap
) -> None:
    arguments = train if module == "ClassifierModule" else generate
    main(["fit", *arguments])
    checkpoint = torch.load("checkpoints/last.ckpt", weights_only=True)
    names = {"_class_path": f"trap.{module}", "_instantiator": "trap.Net"}
    checkpoint["hyper_parameters"] |= names
    checkpoint["datamodule_hyper_parameters"] = names | {"augment": [{"class_path": "trap.Net"}]}
    for name in ("last", "best"):
        torch.save(checkpoint, f"checkpoints/{name}.ckpt")
    for command in ("test", "validate", "predict", "fit"):
        main([command, *arguments, *LAST])
    assert not trap.sprung


def test_a_name_counts_if_the_user_gives_the_same(unnamed: list[str], trap: Trap) -> None:
    """This also shows that the trap works."""
    given = [*unnamed, "--model.model", "trap.cnn_small"]
    main(["fit", *given])
    assert trap.sprung
    trap.reset()
    assert "trap.cnn_small" in refused(["test", *unnamed, *LAST])
    other = refused(["test", *unnamed, "--model.model", "cnn_small", *LAST])
    assert "model='trap.cnn_small'" in other
    assert "model='cnn_small'" in other
    assert not trap.sprung
    main(["test", *given, *LAST])
    assert trap.sprung


def test_a_checkpoint_names_no_file_to_copy(train: list[str], tmp_path: Path) -> None:
    main(["fit", *train])
    (tmp_path / "secret.txt").write_text("a secret")
    checkpoint = torch.load("checkpoints/last.ckpt", weights_only=True)
    for state in checkpoint["callbacks"].values():
        if "best_model_path" in state:
            state["best_model_path"] = str(tmp_path / "secret.txt")
    torch.save(checkpoint, "checkpoints/last.ckpt")
    elsewhere = ["--trainer.default_root_dir", "elsewhere", "--trainer.max_epochs", "3"]
    main(["fit", *train, *elsewhere, *LAST])
    assert not list(Path("elsewhere").rglob("secret.txt"))


def test_a_run_that_was_moved_keeps_its_best_weights(train: list[str]) -> None:
    main(["fit", *train, "--trainer.default_root_dir", "before"])
    Path("before").rename("after")
    new = ["--trainer.default_root_dir", "new", "--ckpt_path", "after/checkpoints/last.ckpt"]
    main(["fit", *train, *new])  # it has all its epochs: nothing new is written
    assert Path("new/checkpoints/best.ckpt").exists()
