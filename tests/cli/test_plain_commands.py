"""Plain commands: a file of a function; its help does not wait for torch, bad input is one line."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import unlearnable_lightning.commands as room
from unlearnable_lightning.__main__ import main
from unlearnable_lightning.command_line.plain import plain_commands, plain_help

ECHO = '''
from pathlib import Path
from typing import Any

def echo(target: Path, data: Any, times: int = 1) -> None:
    """Says what it was given.

    Args:
        target: where to.
        data: whose images.
        times: how often.
    """
    from unlearnable_lightning.errors import UnlearnableError
    if times < 1:
        raise UnlearnableError(f"times={times}: once at least.")
    print(target, type(data).__name__, data.batch_size, times)
'''
HELP = """
import sys
from unlearnable_lightning.__main__ import main
sys.argv = ["unlearnable", {name!r}, "--help"]
try:
    main()
finally:
    slow = {{"torch", "lightning", "torchmetrics", "numpy"}} & set(sys.modules)
    assert not slow, f"it waited for {{slow}}"
"""


@pytest.fixture(autouse=True)
def echo(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "echo.py").write_text(ECHO)
    room.__path__.append(str(tmp_path))
    yield
    room.__path__.remove(str(tmp_path))
    sys.modules.pop(f"{room.__name__}.echo", None)


def ended(arguments: list[str], monkeypatch: Any, capsys: Any) -> tuple[Any, str]:
    monkeypatch.setattr(sys, "argv", ["unlearnable", "echo", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    "data",
    [
        ["--data", "ShapesDataModule", "--data.batch_size", "7"],
        ["--data", "CONFIG"],
    ],
    ids=["class", "config"],
)
def test_a_command_is_called_with_its_arguments(
    data: list[str], tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "model: {class_path: LSP}\n"
        "data: {class_path: ShapesDataModule, init_args: {batch_size: 7}}\n"
    )
    given = [str(config) if word == "CONFIG" else word for word in data]
    monkeypatch.setattr(sys, "argv", ["unlearnable", "echo", "there", *given, "--times", "2"])
    main()
    assert capsys.readouterr().out == "there ShapesDataModule 7 2\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "target and --data must be given"),
        (["x", "--data", "ShapesDataModul"], 2, "Did you mean ShapesDataModule?"),
        (
            ["x", "--data", "ShapesDataModule", "--data.bach_size", "7"],
            2,
            "Did you mean batch_size",
        ),
        (["x", "--data", "ShapesDataModule", "--tims", "7"], 2, "--tims is no option"),
        (["x", "--data", "nowhere.yaml"], "error: nowhere.yaml is no file of this folder", ""),
        (["x", "--data", "ShapesDataModule", "--times", "0"], "error: times=0: once at least.", ""),
        (["x", "--data", "ShapesDataModule", "--data.batch_size", "0"], "error: batch_size=0", ""),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], code: Any, message: str, monkeypatch: Any, capsys: Any
) -> None:
    status, text = ended(arguments, monkeypatch, capsys)
    assert (str(status).startswith(code) and not text) if isinstance(code, str) else status == code
    assert message in text
    assert text.count("\n") <= 1


def test_the_help_of_them_all_names_each() -> None:
    assert "echo       Says what it was given." in plain_help()


def test_help_waits_for_nothing() -> None:
    for name in set(plain_commands()) - {"echo"}:
        check_help(name)


def check_help(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP.format(name=name)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert f"usage: unlearnable {name}" in done.stdout


def test_a_reader_that_has_enough_is_no_error() -> None:
    command = f"{sys.executable} -m unlearnable_lightning configs | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
