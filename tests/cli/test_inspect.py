"""`unlearnable inspect`: a table, a page and numbers; what it cannot do is refused before."""

import base64
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from unlearnable_lightning import ShapesDataModule
from unlearnable_lightning.__main__ import main
from unlearnable_lightning.release import Bound, Release

DATA = ["--data", "ShapesDataModule", "--data.train_size", "120", "--data.image_size", "16"]


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Class-wise noise at 8/255 on the even images."""
    data = ShapesDataModule(train_size=120, image_size=16)
    data.setup("predict")
    random = torch.Generator().manual_seed(0)
    levels = torch.randint(-8, 9, (10, 3, 16, 16), generator=random).to(torch.int8)
    rows = torch.arange(0, 120, 2)
    made_by = {"class_path": "mine.Method", "arguments": {"steps": 20}}
    release = Release(
        levels, "classwise", data.train_set.source, made_by, Bound("linf", 8 / 255), rows
    )
    release.save(tmp_path / "noise.safetensors")
    return tmp_path / "noise.safetensors"


def run(arguments: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["unlearnable", "inspect", *arguments])
    main()


def test_it_prints_a_table_and_writes_a_page_and_numbers(
    noise: Path, monkeypatch: Any, capsys: Any
) -> None:
    run([str(noise), *DATA, "--tsne", "40", "--data.poisoned_val_size", "20"], monkeypatch)
    printed = capsys.readouterr().out
    folder = noise.with_name("noise_inspect")
    assert sorted(path.name for path in folder.iterdir()) == ["inspect.html", "inspect.json"]
    numbers = json.loads((folder / "inspect.json").read_text())
    measures = numbers["measures"]
    assert (measures["images"], measures["changed"], measures["inspected"]) == (120, 60, 60)
    assert measures["separability"]["none"]["accuracy"]["held_out"] >= 0.9
    assert numbers["bound"] == {"norm": "linf", "value": 8 / 255}
    assert numbers["made_by"]["arguments"] == {"steps": 20}
    assert re.search(r"the noise itself +100\.0 %", printed)
    assert f"written: {folder / 'inspect.html'}" in printed
    page = (folder / "inspect.html").read_text()
    assert "60 of them (50.0 %)" in page
    assert "mine.Method (steps=20)" in page
    assert not re.search(r'(src|href)="(?!data:)', page), "it needs something beside it"
    pictures = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", page)]
    sizes = [Image.open(io.BytesIO(data)).size for data in pictures]
    assert len(sizes) == 4
    assert all(min(size) > 100 for size in sizes)


def test_the_same_seed_gives_the_same_files(noise: Path, tmp_path: Path, monkeypatch: Any) -> None:
    for name in ("a", "b"):
        run([str(noise), *DATA, "--images", "50", "--out", str(tmp_path / name)], monkeypatch)
    for file in ("inspect.html", "inspect.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_what_is_poisoned_by_the_data_is_what_is_measured(
    noise: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    """The config of a victim: its noise is replaced by NOISE, its choice of images holds."""
    chosen = ["--data.noise", "another.safetensors", "--data.poison_classes", "[0, 1, 2, 3, 4, 5]"]
    with pytest.raises(SystemExit, match=r"changes \d\d of 120 images; .* at least 50"):
        run([str(noise), *DATA, *chosen], monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "10"], "images=10"),
        (["--tsne", "3"], "tsne=3: t-SNE places 10"),
        (["--seed", "99999999999999999999"], "seed=9999"),
        (["--out", "FILE"], "is no folder"),
        (["--out", "a" * 300], "cannot be written"),
        (["--out", "a\0b"], "cannot be written"),
        (["--data.train_size", "100"], "this noise was made for"),
        (["--noise_format", "PoisonedImages"], "cannot be read"),
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_is_written(
    arguments: list[str], message: str, noise: Path, monkeypatch: Any
) -> None:
    given = [str(noise) if word == "FILE" else word for word in arguments]
    with pytest.raises(SystemExit, match=message):
        run([str(noise), *DATA, *given], monkeypatch)
    assert [path.name for path in noise.parent.iterdir()] == [noise.name]


def test_a_folder_of_pictures_and_a_format_with_arguments(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    clean = ShapesDataModule(train_size=120, image_size=16).clean_train_set()
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path / "pictures")
    for place, image in enumerate(clean.clean[:60].permute(0, 2, 3, 1).numpy()):
        Image.fromarray(image ^ 3).save(f"{place}.png")
    run([".", *DATA, "--noise_format", "PNGFolder"], monkeypatch)
    written = tmp_path / "pictures_inspect" / "inspect.json"
    assert json.loads(written.read_text())["measures"]["changed"] == 60
    np.save("noise.npy", (clean.clean ^ 3).numpy().astype(np.int16))
    form = "{class_path: NumpyArrays, init_args: {holds: images}}"
    run(["noise.npy", *DATA, "--noise_format", form], monkeypatch)
    written = Path("noise_inspect/inspect.json")
    assert json.loads(written.read_text())["measures"]["changed"] == 120


def test_without_scikit_learn_tsne_says_what_to_install(noise: Path, monkeypatch: Any) -> None:
    from unlearnable_lightning.inspection import embedding  # the function

    module = sys.modules[embedding.__module__]
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install 'unlearnable-lightning\[inspect\]'"):
        run([str(noise), *DATA, "--tsne", "40"], monkeypatch)
