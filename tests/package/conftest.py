"""The wheel, built and installed into an environment of its own, outside the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ["setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"]
FOLDERS = ["configs", "unlearnable_lightning"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def done(command: list[str], folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command in a folder, without the checkout on Python's path."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without the network, from a copy: a build leaves files beside its sources."""
    sources = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copy(ROOT / name, sources / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index"]
    built = done([*pip, "-w", "out", "."], sources)
    assert built.returncode == 0, built.stderr
    (found,) = (sources / "out").glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the installed `unlearnable` in a folder; the dependencies are those of the tests."""
    home = tmp_path_factory.mktemp("home")
    made = done([sys.executable, "-m", "venv", "--without-pip", "venv"], home)
    assert made.returncode == 0, made.stderr
    python = str(home / "venv" / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    put = done([*pip, str(wheel)], home)
    assert put.returncode == 0, put.stderr
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    site = Path(done([python, "-c", ask], home).stdout.strip())
    # a line of a path: the .pth files there, the checkout's among them, are not read
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])

    def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        return done([str(home / "venv" / "bin" / "unlearnable"), *arguments], folder)

    return run
