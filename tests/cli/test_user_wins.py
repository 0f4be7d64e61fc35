"""What the user gives wins over a checkpoint; what the weights fix is refused by name."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from unlearnable_lightning import ClassifierModule, Release
from unlearnable_lightning.cli import main
from unlearnable_lightning.release import Bound

LAST = ["--ckpt_path", "checkpoints/last.ckpt"]
LONGER = ["--trainer.max_epochs", "3"]
EPSILON = ["--model.epsilon", "16/255"]


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def training(train: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of two epochs."""
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main(["fit", *train, "--model.epsilon", "4/255", "--model.lr", "0.05"])
    return folder


@pytest.fixture
def trained(train: list[str], training: Path, tmp_path: Path) -> list[str]:
    """Its arguments, with what it left in the folder."""
    shutil.copytree(training, tmp_path, dirs_exist_ok=True)
    return train


def refused(arguments: list[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, str)
    return end.value.code


def snapshot() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_test_attacks_as_the_user_says(trained: list[str]) -> None:
    given = [*EPSILON, "--model.test_steps", "4", "--model.restarts", "2"]
    main(["test", *trained, *LAST, *given, "--model.test_attacks", "[pgd]"])
    result = json.loads(Path("test.json").read_text())
    assert {row["attack"] for row in result["table"]} == {"none", "pgd"}
    said = {"epsilon": "16/255", "test_steps": 4, "restarts": 2, "test_attacks": ["pgd"]}
    assert {key: result["arguments"][key] for key in said} == said
    assert result["arguments"]["lr"] == 0.05  # not given: the checkpoint's


def test_a_config_file_counts_as_the_user(trained: list[str]) -> None:
    Path("class.yaml").write_text("model: {class_path: unlearnable_lightning.ClassifierModule}\n")
    Path("mine.yaml").write_text("model: {init_args: {epsilon: 16/255}}\n")
    main(["test", "-c", "class.yaml", "-c", "mine.yaml", *trained[4:], *LAST])
    arguments = json.loads(Path("test.json").read_text())["arguments"]
    assert (arguments["epsilon"], arguments["lr"]) == ("16/255", 0.05)


def test_a_value_that_is_the_default_counts_if_it_is_given(trained: list[str]) -> None:
    main(["test", *trained, *LAST, "--model.epsilon", "8/255"])
    assert json.loads(Path("test.json").read_text())["arguments"]["epsilon"] == "8/255"


def test_a_stronger_attack_is_the_one_that_runs(trained: list[str]) -> None:
    errors = []
    for arguments in ([], ["--model.epsilon", "128/255"]):
        main(["test", *trained, *LAST, *arguments])
        table = json.loads(Path("test.json").read_text())["table"]
        errors.append({(row["weights"], row["attack"]): row["loss"] for row in table})
    assert errors[0]["last", "none"] == errors[1]["last", "none"]
    assert errors[0]["last", "fgsm"] < errors[1]["last", "fgsm"]


def test_a_resumed_training_takes_what_the_user_gives(trained: list[str], monkeypatch: Any) -> None:
    seen: list[dict[str, Any]] = []
    step = ClassifierModule.training_step

    def record(self: Any, batch: Any, batch_idx: int) -> Any:
        group = self.trainer.optimizers[0].param_groups[0]
        attack = {name: getattr(self, name) for name in ("attack", "epsilon", "steps")}
        seen.append(attack | {name: group[name] for name in ("lr", "momentum", "weight_decay")})
        return step(self, batch, batch_idx)

    monkeypatch.setattr(ClassifierModule, "training_step", record)
    given = {
        "attack": "fgsm", "epsilon": "16/255", "lr": 0.01, "momentum": 0.5, "weight_decay": 0.25,
        "cosine": False,
    }  # fmt: skip
    said = [part for key, value in given.items() for part in (f"--model.{key}", str(value).lower())]
    main(["fit", *trained, *LONGER, *said, *LAST])
    expected = {"attack": "fgsm", "epsilon": 16 / 255, "steps": 2}
    assert seen == [expected | {key: given[key] for key in ("lr", "momentum", "weight_decay")}]
    config = yaml.safe_load(Path("config.yaml").read_text())["model"]["init_args"]
    assert {key: config[key] for key in given} == given
    hparams = torch.load("checkpoints/last.ckpt")["hyper_parameters"]
    assert {key: hparams[key] for key in given} == given


@pytest.mark.parametrize(
    ("arguments", "old", "new"),
    [
        (["--model.model", "lenet"], "model='cnn_small'", "model='lenet'"),
        (["--model.model_args", "{num_classes: 10}"], "model_args=None", "'num_classes': 10"),
        (["--data.image_size", "16"], "image_size=32", "image_size=16"),
    ],
)
@pytest.mark.parametrize("command", ["fit", "test"])
def test_what_the_weights_fix_is_refused(
    command: str, arguments: list[str], old: str, new: str, trained: list[str]
) -> None:
    before = snapshot()
    message = refused([command, *trained, *LONGER, *arguments, *LAST])
    assert old in message
    assert new in message
    assert snapshot() == before


@pytest.mark.parametrize("command", ["fit", "test", "validate", "predict"])
def test_a_checkpoint_for_colour_images_is_refused_on_gray_ones(
    command: str, trained: list[str]
) -> None:
    gray, labels = np.zeros((20, 28, 28), dtype=np.uint8), np.arange(20) % 10
    np.savez("gray.npz", x_train=gray, y_train=labels, x_test=gray, y_test=labels)
    data = ["--data", "NPZDataModule", "--data.path", "gray.npz"]
    without_data = [*trained[: trained.index("--data")], *trained[trained.index("--data") + 6 :]]
    message = refused([command, *without_data, *data, *LONGER, *LAST])
    assert "in_channels=3" in message
    assert "in_channels=1" in message


@pytest.mark.parametrize("epochs", ["1", "0"])
def test_fewer_epochs_than_the_checkpoint_has_are_refused(
    epochs: str, trained: list[str], generate: list[str]
) -> None:
    elsewhere = ["--trainer.default_root_dir", "noise"]
    main(["fit", *generate, *elsewhere])
    before = snapshot()
    for arguments, folder in ((trained, ""), ([*generate, *elsewhere], "noise/")):
        checkpoint = ["--ckpt_path", f"{folder}checkpoints/last.ckpt"]
        message = refused(["fit", *arguments, *checkpoint, "--trainer.max_epochs", epochs])
        assert "completed 2 epochs" in message
        assert f"max_epochs={epochs}" in message
    assert snapshot() == before


def test_other_arguments_for_a_run_with_nothing_left_are_refused(trained: list[str]) -> None:
    before = snapshot()
    message = refused(["fit", *trained, *LAST, "--model.lr", "0.01"])
    assert "lr=0.01 instead of lr=0.05" in message
    assert snapshot() == before
    main(["fit", *trained, *LAST, "--model.epsilon", "4 / 255"])  # the same, written otherwise


def test_another_seed_for_a_resumed_run_is_refused(trained: list[str]) -> None:
    message = refused(["fit", "--seed_everything", "5", *trained, *LONGER, *LAST])
    assert "seed 0" in message
    assert "seed_everything is 5" in message
    main(["test", "--seed_everything", "5", *trained, *LAST])


def test_a_class_count_that_the_data_does_not_have_is_refused(train: list[str]) -> None:
    message = refused(["fit", *train, "--model.num_classes", "7"])
    assert "model.num_classes=7" in message
    assert "the data has 10" in message


@pytest.mark.parametrize(
    ("given", "old", "new"),
    [
        (["--model.kind", "classwise"], "kind='samplewise'", "kind='classwise'"),
        (["--model", "GrayAug"], "NoiseGenLightningModule", "GrayAug"),
        (["--model.init", "zeros"], "init='uniform'", "init='zeros'"),
    ],
)
def test_what_the_noise_fixes_is_refused(
    given: list[str], old: str, new: str, generate: list[str]
) -> None:
    main(["fit", *generate])
    before = snapshot()
    message = refused(["fit", *generate, *LONGER, *given, *LAST])
    assert old in message
    assert new in message
    assert snapshot() == before


def test_noise_goes_on_within_a_smaller_epsilon(generate: list[str]) -> None:
    main(["fit", *generate, "--model.epsilon", "16/255", "--model.stop_error", "null"])
    assert Release.load("noise.safetensors").difference.abs().max() == 16
    main(["fit", *generate, *LONGER, "--model.epsilon", "4/255", *LAST])
    noise = Release.load("noise.safetensors")
    assert noise.difference.abs().max() == 4
    assert noise.bound == Bound("linf", 4 / 255)
    assert noise.made_by["rounds"] == 3
    assert noise.made_by["arguments"]["epsilon"] == "4/255"
    assert noise.made_by["arguments"]["stop_error"] is None  # not given: the checkpoint's
