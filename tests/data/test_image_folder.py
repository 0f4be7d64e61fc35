import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from unlearnable_lightning.data import ImageFolderDataModule
from unlearnable_lightning.data.picture import read_picture
from unlearnable_lightning.errors import UnlearnableError

COLOURS = {"cat": (255, 0, 0), "ant": (0, 200, 0), "dog": (0, 0, 100)}


def picture(colour: tuple[int, int, int], width: int, height: int, mode: str) -> Image.Image:
    """One colour; every mode shows it exactly, but grey."""
    image = Image.new("RGB", (width, height), colour)
    return image.quantize(4) if mode == "P" else image.convert(mode)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three classes; pictures of several sizes, formats and modes."""
    root = tmp_path / "animals"
    for split in ("train", "test"):
        for name, colour in COLOURS.items():
            folder = root / split / name
            folder.mkdir(parents=True)
            picture(colour, 40, 20, "RGB").save(folder / "wide.png")
            picture(colour, 9, 33, "RGBA").save(folder / "tall.png")
            picture(colour, 12, 12, "P").save(folder / "palette.gif")
            picture(colour, 5, 5, "RGB").save(folder / "small.bmp")
    return root


def ready(root: Path, image_size: int = 16) -> ImageFolderDataModule:
    data = ImageFolderDataModule(str(root), image_size, val_size=0)
    data.setup()
    return data


def test_pictures_of_any_size_and_format_are_read(root: Path) -> None:
    data = ready(root)
    assert (data.name, data.in_channels, data.image_size) == ("animals", 3, 16)
    assert data.train_set.images.shape == data.test_set.images.shape == (12, 3, 16, 16)
    for image, label in zip(data.train_set.images, data.train_set.labels.tolist(), strict=True):
        colour = torch.tensor(COLOURS[data.class_names[label]]).view(3, 1, 1)
        assert (image.int() - colour).abs().max() <= 1


def test_classes_are_the_sorted_folder_names(root: Path) -> None:
    data = ready(root)
    assert data.class_names == ("ant", "cat", "dog")
    assert data.num_classes == 3
    assert data.train_set.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_order_of_pictures_is_that_of_their_names(root: Path) -> None:
    for i, name in enumerate(["b.png", "a.png", "c.png"]):
        grey = Image.new("L", (16, 16), 50 * (i + 1))
        grey.save(root / "train" / "ant" / name)
        (root / "train" / "cat" / name).unlink(missing_ok=True)
    first = ready(root).train_set.images[:3, :, 0, 0]
    assert first.tolist() == [[100] * 3, [50] * 3, [150] * 3]


def test_grey_pictures_get_three_equal_channels(root: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    Image.fromarray(grey).save(root / "train" / "ant" / "a.png")
    image = ready(root).train_set.images[0].numpy()
    assert np.array_equal(image, np.stack([grey] * 3))


def test_picture_of_the_right_size_is_not_touched(root: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(root / "train" / "ant" / "a.png")
    assert np.array_equal(ready(root).train_set.images[0].permute(1, 2, 0).numpy(), pixels)


def test_wide_and_tall_pictures_are_cropped_around_their_centre(root: Path) -> None:
    """Red, green and blue thirds: only the middle one is left."""
    thirds = np.repeat(np.eye(3, dtype=np.uint8) * 255, 16, axis=0)  # 48 columns of RGB
    wide = np.broadcast_to(thirds, (16, 48, 3))
    Image.fromarray(wide.copy()).save(root / "train" / "ant" / "a.png")
    Image.fromarray(wide.transpose(1, 0, 2).copy()).save(root / "train" / "ant" / "b.png")
    for image in ready(root).train_set.images[:2]:
        assert image.float().mean((1, 2)).tolist() == [0, 255, 0]


def test_hidden_files_are_passed_over(root: Path) -> None:
    before = ready(root).train_set.source
    for folder in (root, root / "train", root / "train" / "cat"):
        (folder / ".DS_Store").write_bytes(b"\0")
    (root / "train" / ".cache").mkdir()
    assert ready(root).train_set.source == before


def test_grey_of_16_bits_and_transparency_come_out_as_they_look(root: Path) -> None:
    for path in (root / "train" / "ant").iterdir():
        path.unlink()
    levels = np.full((16, 16), 100, dtype=np.uint16)
    Image.fromarray(levels * 257).save(root / "train" / "ant" / "a.png")
    Image.new("RGBA", (16, 16), (9, 9, 9, 0)).save(root / "train" / "ant" / "b.png")
    first, second = ready(root).train_set.images[:2]
    assert first.unique().tolist() == [100]
    assert second.unique().tolist() == [255]


@pytest.mark.parametrize("image_size", [0, -3, 16.0, True])
def test_images_have_pixels(root: Path, image_size: int) -> None:
    with pytest.raises(UnlearnableError, match=f"image_size={image_size}"):
        ImageFolderDataModule(str(root), image_size)


def test_a_folder_of_one_class_is_refused(root: Path) -> None:
    for split in ("train", "test"):
        for name in ("cat", "dog"):
            shutil.rmtree(root / split / name)
    with pytest.raises(UnlearnableError, match=r"have the label 0.*at least 2 classes"):
        ready(root)


def empty_class(root: Path) -> None:
    for split in ("train", "test"):
        (root / split / "bee").mkdir()


def move(root: Path, old: str, new: str) -> None:
    (root / old).rename(root / new)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda root: move(root, "train", "Train"),
            "there is no folder .*train.*root/train/<class>",
        ),
        (lambda root: move(root, "test", "val"), "there is no folder .*test"),
        (lambda root: root.rename(root.with_name("x")), "root=.*animals: there is no folder"),
        (empty_class, "train/bee is empty"),
        (
            lambda root: (root / "train" / "cat" / "notes.txt").write_text("?"),
            "cat/notes.txt is not",
        ),
        (
            lambda root: (root / "train" / "cat" / "a.png").write_bytes(b""),
            "cat/a.png is not a read",
        ),
        (
            lambda root: Image.new("F", (9, 9), 0.5).save(root / "test" / "cat" / "a.tiff"),
            "cat/a.tiff is not a readable picture.*mode F",
        ),
        (lambda root: (root / "train" / "cat" / "more").mkdir(), "cat/more is not a readable"),
        (lambda root: (root / "train" / "a.png").write_bytes(b""), "nothing else.*the file a.png"),
        (lambda root: move(root, "test/cat", "test/cow"), "classes ant, cow, dog.*ant, cat, dog"),
        (lambda root: (root / "test" / "elk").mkdir(), "classes ant, cat, dog, elk"),
        (lambda root: move(root, "test/dog", "dog"), "classes ant, cat; .*ant, cat, dog"),
    ],
)
def test_bad_folders_are_refused(root: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(root)
    with pytest.raises(UnlearnableError, match=message):
        ready(root)


def test_folder_without_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    with pytest.raises(UnlearnableError, match=r"one folder per class.*no folder"):
        ready(tmp_path)


@pytest.mark.parametrize("extension", ["png", "ppm", "jpeg", "gif", "ico", "bmp"])
def test_damaged_picture_is_read_or_refused(root: Path, extension: str) -> None:
    path = root / "train" / "ant" / f"a.{extension}"
    draw = np.random.default_rng(0)
    Image.fromarray(draw.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path)
    saved = path.read_bytes()
    refused = 0
    for _ in range(60):
        damaged = bytearray(saved)
        for place in draw.integers(0, min(100, len(saved)), 3):
            damaged[place] = draw.integers(256)
        path.write_bytes(damaged)
        try:
            assert read_picture(path, 16).shape == (16, 16, 3)
        except UnlearnableError:
            refused += 1
    assert refused > 0
