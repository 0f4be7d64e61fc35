"""Every YAML under configs/ runs through fit and test; the list is the folder."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from torch import Tensor

from unlearnable_lightning import ClassifierModule, TinyImageNetDataModule
from unlearnable_lightning.cli import main
from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes
from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule
from unlearnable_lightning.models import build_model

CONFIGS = Path(__file__).parents[2] / "configs"
PARTS = ("augment", "defence", "views")  # of a training; a test is that of the whole config
PATHS = sorted(CONFIGS.rglob("*.yaml"))
WITH_ITS_OWN_NETWORK = ("noise/cifar10_samplewise.yaml", "train/cifar10_clean.yaml")
LARGE = "resnet18"  # 6 s for two batches, where a small network takes half a second


@pytest.fixture
def fake_data(tmp_path: Path, monkeypatch: Any) -> None:
    """Forty drawings in place of every data set; the working folder is empty but for them."""

    def drawn(self: Any, split: str) -> tuple[Tensor, Tensor]:
        images, labels = draw_shapes(40, seed=0, image_size=self.image_size)
        return images[:, : self.in_channels], labels

    for data_module in (*TorchvisionDataModule.__subclasses__(), TinyImageNetDataModule):
        monkeypatch.setattr(data_module, "read", drawn)
        monkeypatch.setattr(data_module, "prepare_data", lambda self: None)
    monkeypatch.setattr(TinyImageNetDataModule, "class_names", CLASS_NAMES)
    monkeypatch.chdir(tmp_path)
    images, labels = draw_shapes(40, seed=0)
    nhwc = images.permute(0, 2, 3, 1).numpy()
    (tmp_path / "data").mkdir()
    arrays = {"x_train": nhwc, "x_test": nhwc, "y_train": labels, "y_test": labels}
    np.savez(tmp_path / "data" / "cifar10.npz", **arrays)


def model_of(config: Path) -> dict[str, Any]:
    return yaml.safe_load(config.read_text()).get("model", {})


def is_closed_form(config: Path) -> bool:
    """Whether it makes noise in one step: no network is named."""
    model = model_of(config)
    return "class_path" in model and "model" not in model.get("init_args", {})


def takes_a_small_network(config: Path) -> bool:
    path = config.relative_to(CONFIGS)
    large = model_of(config).get("init_args", {}).get("model") == LARGE
    return path.parts[0] in PARTS or (large and path.as_posix() not in WITH_ITS_OWN_NETWORK)


def small(config: Path, folder: Path) -> list[str]:
    """The arguments of a quick run of this config; a part is added to a training. In `folder` is
    room for a config of fewer pairs than there are drawings, and of fewer steps on them."""
    path = config.relative_to(CONFIGS)
    model = model_of(config)
    whole = "class_path" in model
    counts = {"samples", "attack_steps"} & set(model.get("init_args", {}))  # with steps, a product
    base = (
        "noise/cifar10_samplewise.yaml" if path.parts[0] == "views" else "train/cifar10_clean.yaml"
    )
    fewer = folder / "data" / config.name
    few_steps = "model: {class_path: ResidualCNN, init_args: {steps: 3}}"
    text = config.read_text().replace("model: ResidualCNN", few_steps)
    fewer.write_text(re.sub(r"pairs: \d+", "pairs: 10", text))
    files = [fewer] if whole else [CONFIGS / base, fewer]
    sizes = {
        "demo": ["--data.train_size", "40", "--data.test_size", "20"],
        "laptop": ["--data.train_subset", "40", "--data.val_size", "0.5"],
    }
    return [
        *(argument for file in files for argument in ("-c", str(file))),
        *sizes.get(path.parts[0], []),
        *["--data.batch_size", "20"],
        *(["--model.model", "cnn_small"] if takes_a_small_network(config) else []),
        # three steps of AAP's size would not reach a grey level
        *([] if is_closed_form(config) else ["--model.steps", "3", "--model.step_size", "2/255"]),
        *(f"--model.{name}=1" for name in sorted(counts)),
        *["--trainer.fast_dev_run", "true", "--trainer.accelerator", "cpu"],
        *["--trainer.enable_progress_bar", "false", "--trainer.enable_model_summary", "false"],
    ]


RUNS = [
    pytest.param(command, path, id=f"{path.relative_to(CONFIGS)}-{command}")
    for path in PATHS
    for command in ("fit", "test")
    if command == "fit" or path.parent.name not in PARTS
]


@pytest.mark.parametrize(("command", "config"), RUNS)
def test_it_runs(command: str, config: Path, fake_data: None, tmp_path: Path) -> None:
    if command == "test" and is_closed_form(config):
        with pytest.raises(SystemExit, match="no network to test"):
            main([command, *small(config, tmp_path)])
    else:
        main([command, *small(config, tmp_path)])
    assert {path.name for path in tmp_path.iterdir()} == {"data"}  # fast_dev_run leaves nothing


def test_every_network_that_is_named_is_there() -> None:
    """Most configs above run with a small one."""
    named = {model_of(config).get("init_args", {}).get("model") for config in PATHS} - {None}
    assert LARGE in named
    for name in named:
        build_model(name, num_classes=10, in_channels=3, image_size=32)


@pytest.mark.parametrize("config", PATHS, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_its_head_says_how_to_run_it(config: Path) -> None:
    lines = config.read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    assert len(lines) <= 30
    assert any(str(config.relative_to(CONFIGS.parent)) in line for line in head)


def test_parts_are_applied_in_the_order_in_which_they_are_given(
    fake_data: None, capsys: Any
) -> None:
    parts = ["grayscale", "jpeg_c40", "crop_flip"]
    files = [f"-c={CONFIGS / 'augment' / part}.yaml" for part in parts]
    with pytest.raises(SystemExit):
        main(["fit", f"-c={CONFIGS / 'train' / 'cifar10_clean.yaml'}", *files, "--print_config"])
    augment = yaml.safe_load(capsys.readouterr().out)["data"]["init_args"]["augment"]
    names = [each["class_path"].rpartition(".")[2] for each in augment]
    assert names == ["Grayscale", "JPEG", "RandomCropFlip"]


def test_make_table_3_1_trains_as_the_thesis_says(
    fake_data: None, tmp_path: Path, monkeypatch: Any
) -> None:
    """What `make` would type is accepted, and has the steps of the thesis's code and text."""
    shutil.copy(CONFIGS.parent / "Makefile", tmp_path)
    make = ["make", "-n", "-o", ".venv/installed", "table-3-1", "BIN=bin", "MORE=--data.seed 7"]
    printed = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    fits = [line for line in printed.splitlines() if line.startswith("bin/unlearnable fit ")]
    made: list[ClassifierModule] = []
    start = ClassifierModule.on_fit_start
    monkeypatch.setattr(
        ClassifierModule, "on_fit_start", lambda self: (made.append(self), start(self))[1]
    )
    (tmp_path / "configs").symlink_to(CONFIGS)
    for line in fits:
        command, test = (shlex.split(part) for part in line.split(" && "))
        assert test[1 : len(command)] == ["test", *command[2:]]
        assert test[len(command)] == "--ckpt_path"
        quick = ["--data.batch_size", "20", "--trainer.fast_dev_run", "true"]
        main([*command[1:], *quick, "--trainer.accelerator", "cpu"])
    assert [module.attack for module in made] == [None, "fgsm", "pgd", "pgd"]
    assert [module.step_size for module in made] == [0.03, 0.03, 0.03, 0.01]
    pgd = ["pgd step_size=0.03", "pgd step_size=0.01", "pgd step_size=0.01 steps=40"]
    assert all(module.test_attacks == ("none", "fgsm", *pgd) for module in made)
