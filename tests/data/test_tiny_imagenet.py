"""Tiny-ImageNet in its own layout, a small one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from unlearnable_lightning.data import TinyImageNetDataModule
from unlearnable_lightning.errors import UnlearnableError

COLOURS = {"n01443537": (200, 0, 0), "n01629819": (0, 200, 0), "n02002724": (0, 0, 200)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Pictures of one colour for each class; those of `val` are named in another order."""
    root = tmp_path / "tiny-imagenet-200"
    for wnid, colour in reversed(COLOURS.items()):
        folder = root / "train" / wnid / "images"
        folder.mkdir(parents=True)
        for i in range(4):
            Image.new("RGB", (64, 64), colour).save(folder / f"{wnid}_{i}.JPEG")
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text("any")
    (root / "val" / "images").mkdir(parents=True)
    lines = []
    for i, (wnid, colour) in enumerate(reversed(COLOURS.items())):
        Image.new("RGB", (64, 64), colour).save(root / "val" / "images" / f"val_{i}.JPEG")
        lines.append(f"val_{i}.JPEG\t{wnid}\t0\t32\t44\t62\n")
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    (root / "test" / "images").mkdir(parents=True)
    return root


def ready(root: Path, **kwargs: str) -> TinyImageNetDataModule:
    data = TinyImageNetDataModule(str(root), val_size=0, **kwargs)
    data.setup()
    return data


def test_pictures_and_labels_belong_together(root: Path, tmp_path: Path) -> None:
    for data in (ready(root), ready(root, cache=str(tmp_path / "cache"))):
        assert data.class_names == tuple(COLOURS)
        assert (data.train_set.source.shape, len(data.test_set)) == ((12, 3, 64, 64), 3)
        assert data.test_set.labels.tolist() == [2, 1, 0]
        for part in (data.train_set, data.test_set):
            for item in (part[i] for i in range(len(part))):
                colour = torch.tensor(list(COLOURS.values())[int(item["label"])])
                assert (item["image"].int() - colour.view(3, 1, 1)).abs().max() <= 3  # JPEG
        assert [path.name for path in data.paths["test"]] == [f"val_{i}.JPEG" for i in range(3)]


def wrong_class(root: Path) -> None:
    table = root / "val" / "val_annotations.txt"
    table.write_text(table.read_text().replace("n01443537", "n00000000"))


def empty(root: Path) -> None:
    for path in (root / "train").rglob("*.JPEG"):
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: root.rename(root.with_name("x")), "root=.*Download tiny-imagenet-200.zip"),
        (lambda root: (root / "val" / "val_annotations.txt").unlink(), "no file .*val_annotations"),
        (lambda root: (root / "train" / "n9").mkdir(), "no folder .*n9/images"),
        (lambda root: (root / "val" / "images" / "val_1.JPEG").unlink(), "val_1.JPEG is not a re"),
        (wrong_class, "line 3 is 'val_2.JPEG.tn00000000"),
        (empty, "no pictures for train"),
    ],
)
def test_other_layouts_are_refused(
    root: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(root)
    with pytest.raises(UnlearnableError, match=message):
        ready(root)
