"""Help and version: in words of our own, as long as a user needs."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import unlearnable_lightning
from unlearnable_lightning.__main__ import main as command
from unlearnable_lightning.cli import main
from unlearnable_lightning.face import __all__ as face

WITHOUT_TORCH = """
import sys
import unlearnable_lightning
from unlearnable_lightning.__main__ import main
sys.argv = ["unlearnable", "--version"]
main()
assert "torch" not in sys.modules, "it waited for torch"
"""


def printed(arguments: list[str], capsys: Any) -> str:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    return capsys.readouterr().out


def test_version_waits_for_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"unlearnable {version('unlearnable-lightning')}\n"


def test_every_name_of_the_package_is_there() -> None:
    names: dict[str, Any] = {}
    exec("from unlearnable_lightning import *", names)
    assert "ClassifierModule" in names
    assert set(face) <= names.keys() & set(dir(unlearnable_lightning))
    assert face == unlearnable_lightning.__all__
    assert unlearnable_lightning.attacks.pgd is not None  # a subpackage, as ever
    with pytest.raises(AttributeError, match="no attribute 'Clasifier'"):
        unlearnable_lightning.Clasifier  # noqa: B018


def test_version_of_the_parser_is_the_same(capsys: Any) -> None:
    assert printed(["--version"], capsys) == f"unlearnable {version('unlearnable-lightning')}\n"


def test_help_says_what_it_is_for_and_shows_examples(capsys: Any) -> None:
    text = printed(["--help"], capsys)
    assert "Lightning Trainer" not in text
    assert "Make images unlearnable" in text
    assert "  unlearnable test -c RUN/config.yaml" in text
    assert "--version" in text


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("data", "NPZDataModule"),
        ("data", "ImageFolderDataModule"),
        ("model", "ClassifierModule"),
        ("model", "NoiseGenLightningModule"),
    ],
)
def test_help_of_a_class_fits_on_two_screens(group: str, name: str, capsys: Any) -> None:
    lines = printed(["fit", f"--{group}.help", name], capsys).splitlines()
    assert 20 < len(lines) < 110
    if group == "data":
        text = "".join(line.strip() + " " for line in lines)
        assert ", such as BitDepth, COIN, CoarseDropout, ContrastiveViews, " in text
        assert "torch.nn" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a subcommand is missing. There are fit, validate, test, predict. "),
        (
            ["fti"],
            "fti is no subcommand. Did you mean fit? There are fit, validate, test, predict. ",
        ),
        (["fit"], "--data and --model must be given"),
        (["test", "--test_after_fit", "true"], "it is one of another subcommand"),
        (
            ["fit", "--data.help", "NPZ"],
            "Known: CIFAR100DataModule, CIFAR10DataModule,",
        ),
        (["fit", "--model.help", "Classifier"], "Did you mean ClassifierModule?"),
    ],
)
def test_one_line_and_where_help_is(arguments: list[str], message: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last
    assert last.endswith("--help.")


def test_ctrl_c_while_it_starts_is_one_line(monkeypatch: Any) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unlearnable_lightning.cli.main", interrupted)
    monkeypatch.setattr(sys, "argv", ["unlearnable", "fit"])
    with pytest.raises(SystemExit, match="error: interrupted"):
        command()
