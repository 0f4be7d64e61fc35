"""PNG pictures, to the grey level, named by the places of their images."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError

_MODES = {1: "L", 3: "RGB"}


def write_pictures(paths: Sequence[Path], images: Tensor) -> None:
    """Writes a picture for each image, by several threads.

    Args:
        paths: N of them, in folders that are there.
        images: uint8 [N, C, H, W], C of 1 or 3.
    """
    arrays = images.permute(0, 2, 3, 1).numpy()
    arrays = arrays[..., 0] if arrays.shape[-1] == 1 else arrays

    def write(place: int) -> None:
        # level 1 takes a third of the time of level 6, and of noise no less room
        Image.fromarray(arrays[place]).save(paths[place], format="PNG", compress_level=1)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, range(len(paths))))


def index_of(path: Path) -> int:
    """The place of the image of `17.png`.

    Raises:
        UnlearnableError: a link, no file, or another name.
    """
    stem = path.name.removesuffix(".png")
    if path.is_symlink() or not path.is_file() or not (stem.isascii() and stem.isdigit()):
        kind = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "the file"
        raise UnlearnableError(
            f"{path.parent} has {kind} {path.name}; it must hold pictures named by the places of "
            "their images, such as 17.png. Move the rest away."
        )
    return int(stem)


def visible(folder: Path) -> list[Path]:
    """What is in a folder, sorted; hidden files are passed over."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def read_pictures(paths: Sequence[Path], shape: tuple[int, int, int]) -> np.ndarray:
    """Pictures of one size, by several threads.

    Args:
        paths: n files.
        shape: (C, H, W) that each must have.

    Returns:
        uint8 [n, H, W, C].

    Raises:
        UnlearnableError: no PNG, damaged, of another size or mode.
    """
    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(lambda path: _read(path, shape), paths)))


def _read(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    c, h, w = shape
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if picture.size != (w, h) or picture.mode != _MODES[c]:  # before it is unpacked
                width, height = picture.size
                raise UnlearnableError(
                    f"{path} has {width}×{height} pixels of mode {picture.mode}; the images of "
                    f"this data have {w}×{h} of mode {_MODES[c]}. Noise does not survive resizing "
                    "or another mode: give the pictures as they were published."
                )
            if str(picture.tile[0][3]).endswith("16B"):  # Pillow drops the lower 8 bits
                raise UnlearnableError(
                    f"{path} has 16 bits for each number; the images of this data have 8. Give the "
                    "pictures as they were published."
                )
            return np.asarray(picture).reshape(h, w, c)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnlearnableError(f"{path} is not a readable PNG ({error}). Get it again.") from error
    except ValueError as error:
        if isinstance(error, UnlearnableError):
            raise
        raise UnlearnableError(f"{path} is a damaged PNG ({error}). Get it again.") from error
