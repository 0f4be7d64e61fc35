"""`unlearnable convert`: files of other codes in and out, with a report, beside their data."""

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning import ShapesDataModule
from unlearnable_lightning.__main__ import main
from unlearnable_lightning.release import Release, poison
from unlearnable_lightning.release.formats import NAMES

SIZES = {"train_size": 60, "test_size": 40, "image_size": 16}
DATA = ["--data=ShapesDataModule", *(f"--data.{key}={value}" for key, value in SIZES.items())]
CLEAN = ShapesDataModule(**SIZES).clean_train_set()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Runs it in a folder with the noise of a stranger; gives what it printed, or its refusal."""
    monkeypatch.chdir(tmp_path)
    random = torch.Generator().manual_seed(0)
    delta = torch.randint(-8, 9, CLEAN.source.shape, generator=random).to(torch.int8)
    delta[0, 0, 0, 0] = 8
    torch.save(delta.float() / 255, "huang.pt")
    Path("rem.pkl").write_bytes(pickle.dumps(delta.numpy()))

    def run(*arguments: str) -> tuple[str, Any]:
        monkeypatch.setattr(sys, "argv", ["unlearnable", "convert", *arguments])
        try:
            main()
        except SystemExit as end:
            return capsys.readouterr().err, end.code
        return capsys.readouterr().out, None

    return run


def test_it_reports_and_writes(command: Any) -> None:
    out, _ = command("huang.pt", "noise.safetensors", *DATA)
    assert "Format found: TorchTensor (differences in pixels of [0, 1], float32)" in out
    assert "L∞ 8 grey levels (8/255)" in out
    assert "Mean of q: +0.0" in out or "Mean of q: -0.0" in out
    assert "Images touched: 100.0% (60 of 60)" in out
    assert "Written: noise.safetensors (NoiseFile)" in out
    for target, to in (
        ("tree", "ImageFolder"),
        ("again.pkl", "NumpyPickle"),
        ("x.npz", "NumpyArrays"),
    ):
        assert f"({to})" in command("noise.safetensors", target, *DATA, f"--to={to}")[0]
    assert Path("again.pkl").read_bytes()[-1:] == b"."
    assert np.array_equal(
        np.load("x.npz")["difference"], Release.load("noise.safetensors").difference.numpy()
    )


def test_it_takes_the_format_and_the_data_of_a_run(command: Any) -> None:
    config = f"data: {{class_path: ShapesDataModule, init_args: {SIZES | {'noise': 'gone.pt'}}}}\n"
    Path("config.yaml").write_text(config.replace("'", ""))
    out, code = command("rem.pkl", "a.npy", "--data", "config.yaml", "--from", "NumpyPickle")
    assert code is None
    assert "Format found: NumpyPickle" in out
    noise = Release.load("n.safetensors") if Path("n.safetensors").exists() else None
    assert noise is None
    poisoned = np.load("a.npy")
    np.save("shuffled.npy", poisoned[::-1][:50])
    np.save("labels.npy", CLEAN.labels.numpy()[::-1][:50])
    form = "{class_path: ShuffledImages, init_args: {labels: labels.npy}}"
    out, code = command("shuffled.npy", "n.safetensors", *DATA, "--from", form)
    assert code is None
    assert "Images touched: 83.3% (50 of 60)" in out
    back = poison(CLEAN.clean, CLEAN.labels, Release.load("n.safetensors"))
    assert np.array_equal(back.permute(0, 2, 3, 1).numpy()[10:], poisoned[10:])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.pt", "a.npz"], "there is no such file or folder"),
        (["huang.pt", "rem.pkl"], "rem.pkl is there already. Give --overwrite true"),
        (["huang.pt", "folder"], "its suffix '' names no format"),
        (["huang.pt", "rem.pkl/a.npz"], "rem.pkl is no folder"),
        (["huang.pt", "rem.pkl", "--to=PNGFolder", "--overwrite=true"], "must be new or empty"),
        (["huang.pt", "empty", "--to=NoiseFile"], "is a folder, and NoiseFile writes a file"),
        (["huang.pt", f"{'a' * 300}.npz"], "cannot be written"),
        (["huang.pt", "a\0b.npz"], "cannot be written"),
        ([f"{'a' * 300}.pt", "a.npz"], "there is no such file or folder"),
        (["tree", "tree/a.npz"], "lies within tree, which is read"),
        (["huang.pt", "a.npz", "--to=PNG"], "to='PNG' is not found"),
        (["huang.pt", "a.npz", "--from=Torch"], "from='Torch' is not found"),
        (["huang.pt", "a.npz", "--from=NumpyPickle"], "noise=huang.pt is refused"),
        (["huang.pt", "a.npz", "--data.train_size=61"], "it holds 60 images or differences"),
        (["huang.pt", "a.npz", "--data.image_size=20"], "it must be n×3×20×20"),
    ],
)
def test_what_it_refuses_is_one_line_and_writes_nothing(
    arguments: list[str], message: str, command: Any
) -> None:
    command("huang.pt", "tree", "--to=PNGFolder", *DATA)
    Path("empty").mkdir()
    before = _files()
    _, error = command(*arguments[:2], *DATA, *arguments[2:])
    assert str(error).startswith("error: ")
    assert message in str(error)
    assert "\n" not in str(error)
    assert _files() == before


def _files() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}


def test_a_place_is_looked_at_before_the_noise_is(command: Any, monkeypatch: Any) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("the noise was read")

    monkeypatch.setattr("unlearnable_lightning.release.formats.import_release", never)
    Path("empty").mkdir()
    for target in ("rem.pkl/a.npz", "empty", f"{'a' * 300}.npz", "a\0b.npz"):
        _, error = command("huang.pt", target, "--to=PoisonedImages", *DATA)
        assert str(error).startswith("error: ")


def test_overwrite_replaces_a_file(command: Any) -> None:
    Path("a.npz").write_text("old")
    assert command("huang.pt", "a.npz", *DATA, "--overwrite", "true")[1] is None
    assert np.load("a.npz")["x_train"].shape == (60, 16, 16, 3)


def test_the_help_names_the_formats_and_words(command: Any) -> None:
    out, code = command("--help")
    from unlearnable_lightning.commands.convert import convert

    assert code == 0 or out == ""
    assert all(name in str(convert.__doc__) for name in NAMES)


@pytest.mark.parametrize(
    ("noise", "form"),
    [
        ("huang.pt", "TorchTensor"),
        ("rem.pkl", {"class_path": "NumpyPickle", "init_args": {"holds": "differences"}}),
    ],
    ids=["name", "with arguments"],
)
def test_a_data_module_lays_it_on_without_converting(noise: str, form: Any, command: Any) -> None:
    data = ShapesDataModule(noise=noise, noise_format=form, **SIZES)
    data.setup("fit")
    converted, _ = command(noise, "a.npz", *DATA)
    assert "Written" in converted
    images = data.train_set.images.permute(0, 2, 3, 1).numpy()
    assert np.array_equal(images, np.load("a.npz")["x_train"])
    clean = data.clean_train_set()
    assert torch.equal(clean.images, CLEAN.images)
    assert clean.source == CLEAN.source
