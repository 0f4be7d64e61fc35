"""Files of format 1, written by the version that knew no other, are read."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from unlearnable_lightning import ShapesDataModule
from unlearnable_lightning.release import Bound, DataSource, NoiseFileError, Release, poison
from unlearnable_lightning.release.file import checksum

FILES = Path(__file__).parent / "data"
IMAGES = {"samplewise": 12, "classwise": 20}
# of the differences' bytes, when the files were made
SHA256 = {
    "samplewise": "57ff8d74ebb3f8d8557741c1a3fec1cf7da648b06a15d19e7acbc05683429ec5",
    "classwise": "3f256e974f29a37daf876d5a371e2e3f5d7de99520bba0c74c3a250fe67d5806",
}


@pytest.mark.parametrize("kind", IMAGES)
def test_a_real_file_is_read(kind: str, tmp_path: Path) -> None:
    release = Release.load(FILES / f"format1_{kind}.safetensors")
    images = IMAGES[kind]
    rows = images if kind == "samplewise" else 10
    assert (release.kind, release.bound, release.rows) == (kind, Bound("linf", 8 / 255), None)
    assert release.difference.dtype == torch.int8
    assert release.difference.shape == (rows, 3, 8, 8)
    levels = release.difference.numpy().tobytes()
    assert hashlib.sha256(levels).hexdigest() == SHA256[kind]
    assert (release.source.name, release.source.shape) == ("shapes", (images, 3, 8, 8))
    made_by = release.made_by
    assert made_by["class_path"].endswith("NoiseGenLightningModule")
    assert (made_by["arguments"]["steps"], made_by["arguments"]["model"]) == (3, "cnn_small")
    assert (made_by["seed"], made_by["rounds"], made_by["finished"]) == (7, 2, True)
    assert 0 < made_by["error"] < 1
    assert release.versions["unlearnable-lightning"] == "0.1.0"

    release.save(tmp_path / "again")  # in format 2
    again = Release.load(tmp_path / "again")
    assert torch.equal(again.difference, release.difference)
    assert (again.made_by, again.source, again.bound) == (made_by, release.source, release.bound)


def test_it_poisons_the_images_that_it_was_made_for() -> None:
    data = ShapesDataModule(
        train_size=12, test_size=10, image_size=8, batch_size=6,
        noise=str(FILES / "format1_samplewise.safetensors"),
    )  # fmt: skip
    data.setup("fit")
    assert data.train_set.noise is not None
    clean, labels = data.train_set.clean, data.train_set.labels
    assert torch.equal(data.train_set.images, poison(clean, labels, data.train_set.noise))
    change = (data.train_set.images.int() - clean.int()).abs().amax(dim=(1, 2, 3))
    assert change.eq(8).all()


SOURCE = DataSource("cifar10", "train", (3, 3, 4, 4), ("cat", "dog"), "ab" * 32)
VALUES = torch.randint(-8, 9, (3, 3, 4, 4), generator=torch.Generator().manual_seed(0)).to(
    torch.int8
)


def craft(path: Path, values: Tensor = VALUES, name: str = "noise", **changes: Any) -> Path:
    """A file of format 1 with a good checksum; a change to `...` drops the entry."""
    header = {
        "kind": "samplewise",
        "epsilon": 8 / 255,
        "source": dataclasses.asdict(SOURCE),
        "generator": "someone.else",
        "generator_args": {},
        "seed": 0,
        "rounds": 1,
        "error": None,
        "finished": True,
        "versions": {},
        "norm": "linf",
        "format": 1,
    } | changes
    header = {key: value for key, value in header.items() if value is not ...}
    header["sha256"] = checksum(header, {"noise": values})
    text = json.dumps(header)
    path.write_bytes(save({name: values}, metadata={"unlearnable_lightning": text}))
    return path


def test_crafted_file_is_read_where_nothing_is_wrong(tmp_path: Path) -> None:
    """Else the refusals of crafted files would prove nothing."""
    release = Release.load(craft(tmp_path / "noise"))
    assert torch.equal(release.difference, VALUES)
    assert release.source == SOURCE
    assert release.made_by["error"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "patchwise"},
        {"kind": "classwise"},
        {"epsilon": "8/255"},
        {"epsilon": None},
        {"epsilon": float("inf")},
        {"epsilon": float("nan")},
        {"epsilon": 10**400},
        {"epsilon": -1},
        {"epsilon": 7 / 255},
        {"source": None},
        {"source": {}},
        {"source": dataclasses.asdict(SOURCE) | {"more": 1}},
        {"generator": 3},
        {"generator_args": []},
        {"generator_args": {"lr": float("nan")}},
        {"seed": "0"},
        {"rounds": 1.5},
        {"error": "1%"},
        {"finished": "yes"},
        {"versions": None},
        {"norm": 2},
        {"norm": "l1"},
        {"more": 1},
        {"made_by": {}},
        {"bound": None},
        *(
            {name: ...}
            for name in ("kind", "epsilon", "source", "generator", "generator_args", "seed")
        ),
        *({name: ...} for name in ("rounds", "error", "finished", "versions", "norm")),
    ],
    ids=str,
)
def test_header_entry_of_a_wrong_type_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="its header does not fit"):
        Release.load(craft(tmp_path / "noise", **change))


def test_another_dtype_or_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="int16"):
        Release.load(craft(tmp_path / "noise", VALUES.to(torch.int16)))
    with pytest.raises(NoiseFileError, match="it has 'difference'"):
        Release.load(craft(tmp_path / "noise", name="difference"))


@pytest.mark.parametrize("kind", IMAGES)
def test_a_changed_file_is_refused(kind: str, tmp_path: Path) -> None:
    content = bytearray((FILES / f"format1_{kind}.safetensors").read_bytes())
    for place in range(0, len(content), 211):
        content[place] ^= 1
        (tmp_path / "changed").write_bytes(content)
        with pytest.raises(NoiseFileError):
            Release.load(tmp_path / "changed")
        content[place] ^= 1
