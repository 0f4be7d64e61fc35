"""Configs are found from any folder, by the name that `unlearnable configs` lists."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.__main__ import main as command
from unlearnable_lightning.cli import main
from unlearnable_lightning.command_line.config_file import file_of
from unlearnable_lightning.command_line.plain import run_plain

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = sorted(path.relative_to(CONFIGS).as_posix() for path in CONFIGS.rglob("*.yaml"))
ALONE = """
import sys
from unlearnable_lightning.__main__ import main
sys.argv = ["unlearnable", "configs"]
main()
slow = {"torch", "lightning", "torchmetrics", "numpy"} & set(sys.modules)
assert not slow, f"it waited for {slow}"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_found_with_and_without_the_folder(name: str) -> None:
    assert Path(file_of(name)).samefile(CONFIGS / name)
    assert Path(file_of(f"configs/{name}")).samefile(CONFIGS / name)


@pytest.mark.parametrize("name", ["noise/cifar10_lsp.yaml", "configs/noise/cifar10_lsp.yaml"])
def test_a_file_of_the_current_folder_wins(name: str, tmp_path: Path) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(parents=True)
    mine.write_text("model: Mine\n")
    assert Path(file_of(name)).samefile(mine)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("noise/cifar10_lps.yaml", "Did you mean .*noise/cifar10_lsp.yaml"),
        ("configs/noise/cifar10_lps.yaml", "Did you mean .*noise/cifar10_lsp.yaml"),
        ("noise/cifar10_lsp", "Did you mean noise/cifar10_lsp.yaml"),
        ("cifar10_lsp.yaml", "Did you mean noise/cifar10_lsp.yaml"),
        ("lsp.yaml", "Did you mean noise/cifar10_lsp.yaml"),
        ("noise/../noise/cifar10_lsp.yaml", "no config of the package"),
        ("zzz.yaml", r"no config of the package. `unlearnable configs` lists those"),
    ],
)
def test_an_unknown_name_lists_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnlearnableError, match=nearest):
        file_of(name)


def test_yaml_in_place_of_a_name_stays() -> None:
    assert file_of("{trainer: {max_epochs: 1}}") == "{trainer: {max_epochs: 1}}"


def test_fit_takes_the_name(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["fit", "-c", "noise/cifar10_lsp.yaml", "--print_config"])
    assert yaml.safe_load(capsys.readouterr().out)["model"]["class_path"].endswith("LSP")


def test_fit_refuses_an_unknown_name_in_one_line(capsys: Any) -> None:
    with pytest.raises(SystemExit) as error:
        main(["fit", "-c", "noise/no.yaml"])
    assert error.value.code == 2
    assert capsys.readouterr().err.startswith("error: noise/no.yaml is no file of this folder")


def test_the_command_lists_each_with_its_first_line(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["unlearnable", "configs"])
    command()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    for line, name in zip(lines, NAMES, strict=True):
        about = line.removeprefix(name).strip()
        assert about
        assert (CONFIGS / name).read_text().startswith(f"# {about}")


def test_the_command_prints_one(capsys: Any) -> None:
    run_plain("configs", ["--show", "noise/cifar10_lsp.yaml"])
    assert capsys.readouterr().out == (CONFIGS / "noise" / "cifar10_lsp.yaml").read_text()


def test_the_command_waits_for_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(NAMES)
