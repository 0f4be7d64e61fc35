"""What pip installs works in any folder: the wheel, in an environment outside the checkout."""

import re
import shlex
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unlearnable_lightning.data.shapes_images import draw_shapes

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("configs/**/*.yaml"))
SMALL = [
    *["--data", "NPZDataModule", "--data.path", "data.npz", "--data.batch_size", "20"],
    *["--model.model", "cnn_small", "--model.steps", "2", "--trainer.max_epochs", "1"],
    *["--trainer.enable_progress_bar", "false", "--trainer.enable_model_summary", "false"],
]


def readme_commands() -> list[list[str]]:
    """The `unlearnable fit -c …` of README's code blocks, in their order."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [each[1:] for each in words if each[:3] == ["unlearnable", "fit", "-c"]]


def test_the_wheel_holds_every_file_of_the_package_and_every_config(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "unlearnable_lightning"
    files = [each for each in package.rglob("*") if each.is_file() and each.suffix != ".pyc"]
    assert {each.relative_to(ROOT).as_posix() for each in files} <= held
    assert {f"unlearnable_lightning/{name}" for name in CONFIGS} <= held
    tops = {name.partition("/")[0] for name in held}
    assert all(name.startswith("unlearnable_lightning") for name in tops), tops


def test_configs_are_listed_and_found_there(installed: Any, tmp_path: Path) -> None:
    listed = installed("configs", folder=tmp_path)
    assert listed.returncode == 0, listed.stderr
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert [f"configs/{name}" for name in names] == CONFIGS
    arguments = ["fit", "-c", "train/cifar10_clean.yaml", "-c", "configs/augment/crop_flip.yaml"]
    unknown = installed(*arguments, "-c", "noise/cifar10_lps.yaml", folder=tmp_path)
    assert unknown.returncode == 2
    assert "noise/cifar10_lsp.yaml" in unknown.stderr


@pytest.mark.slow
def test_the_commands_of_the_readme_run_there(installed: Any, tmp_path: Path) -> None:
    images, labels = draw_shapes(40, seed=0)
    nhwc = images.permute(0, 2, 3, 1).numpy()
    arrays = {"x_train": nhwc, "x_test": nhwc, "y_train": labels, "y_test": labels}
    np.savez(tmp_path / "data.npz", **arrays)
    commands = readme_commands()
    assert len(commands) >= 2
    for command in commands:
        ran = installed(*command, *SMALL, folder=tmp_path)
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
    assert list(tmp_path.glob("runs/**/noise.safetensors"))
    assert list(tmp_path.glob("runs/**/test.json"))
