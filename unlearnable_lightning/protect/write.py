"""Protected pictures as files, each there whole or not at all, and what was measured on them."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.pixels import add
from unlearnable_lightning.protect.lay import strips
from unlearnable_lightning.protect.measures import psnr, ssim
from unlearnable_lightning.protect.picture import NoPictureError, Picture, open_picture
from unlearnable_lightning.protect.threads import side_by_side


@dataclass(frozen=True)
class Done:
    """One line of the record.

    Attributes:
        path: of the clean file, relative to its folder.
        name: of the new one; empty if it could not be written.
        width: in pixels.
        height: in pixels.
        change: the largest of any pixel, in grey levels.
        psnr: in decibels; None if nothing changed.
        ssim: of the luma.
        notes: what was not kept, or why there is no new file.
    """

    path: str
    name: str
    width: int = 0
    height: int = 0
    change: int = 0
    psnr: float | None = None
    ssim: float = 1.0
    notes: tuple[str, ...] = ()


class Writer:
    """Writes pictures and, before each takes its place, its line of the record.

    So a file that is there has its line, and a call after a kill writes what is missing.

    Args:
        source: folder of the clean pictures.
        out: folder of the new ones.
        record: the file of lines.
        keep_metadata: whether EXIF and XMP are written too.
    """

    def __init__(self, source: Path, out: Path, record: Path, keep_metadata: bool) -> None:
        self.source, self.out, self.record = source, out, record
        self.keep_metadata = keep_metadata
        self._lock = threading.Lock()

    def write(self, names: dict[Path, Path], levels: dict[Path, Tensor], limit: int) -> list[Done]:
        """Writes what is not there yet; returns the lines of all, in the order of `names`.

        Args:
            names: the new path of each file, both relative.
            levels: the noise of each, grey levels [3, s, s].
            limit: no pixel changes by more grey levels.
        """
        done = read_record(self.record)
        left = [path for path in names if not self._is_there(done.get(str(path)))]

        def one(path: Path) -> Done:
            return self._one(path, names[path], levels[path], limit)

        done |= {each.path: each for each in side_by_side(one, left, "writing")}
        return [done[str(path)] for path in names]

    def _is_there(self, done: Done | None) -> bool:
        return done is not None and bool(done.name) and (self.out / done.name).exists()

    def _one(self, path: Path, name: Path, levels: Tensor, limit: int) -> Done:
        try:
            picture = open_picture(self.source / path)
        except NoPictureError as error:  # it could be read before
            done = Done(str(path), "", notes=(str(error),))
            self._note(done)
            return done
        clean = torch.from_numpy(picture.pixels.copy()).permute(2, 0, 1)
        noisy = clean.clone()
        height, width = clean.shape[1:]
        for start, rows in strips(levels, height, width, limit):
            strip = slice(start, start + rows.shape[1])
            noisy[:, strip] = add(clean[:, strip], rows)
        change = int((noisy.short() - clean.short()).abs().max())
        unchanged = () if change else ("not protected: it is too small or too even for a change",)
        done = Done(
            path=str(path),
            name=str(name),
            width=width,
            height=height,
            change=change,
            psnr=psnr(clean, noisy) if change else None,
            ssim=ssim(clean, noisy),
            notes=(*unchanged, *picture.notes),
        )
        with replacing(self.out / name) as file:
            self._save(noisy, picture, file, name.suffix)
            self._note(done)
        return done

    def _save(self, noisy: Tensor, picture: Picture, file: BinaryIO, suffix: str) -> None:
        pixels = noisy.permute(1, 2, 0).numpy()
        if picture.opacity is not None:
            pixels = np.dstack([pixels, picture.opacity])
        options: dict[str, Any] = dict(picture.metadata) if self.keep_metadata else {}
        if picture.icc is not None:
            options["icc_profile"] = picture.icc
        if suffix == ".webp":
            # exact: the colour below what is transparent stays; loaders that drop opacity see it
            options |= {"format": "WEBP", "lossless": True, "exact": True, "method": 2}
        else:
            options |= {"format": "PNG", "pnginfo": _xmp_for_png(options.pop("xmp", None))}
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, **options)

    def _note(self, done: Done) -> None:
        with self._lock, open(self.record, "a", encoding="ascii") as file:
            file.write("\n" + json.dumps(asdict(done)))  # a line that a kill cut stays alone
            file.flush()
            os.fsync(file.fileno())


def _xmp_for_png(xmp: bytes | None) -> PngInfo:
    info = PngInfo()
    if xmp is not None:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
    return info


def read_record(record: Path) -> dict[str, Done]:
    """The lines of a record by the path of the clean file; a line that a kill cut is none."""
    done: dict[str, Done] = {}
    lines = record.read_text(encoding="ascii").splitlines() if record.exists() else []
    for line in lines:
        try:
            values = json.loads(line)
        except ValueError:
            continue
        done[values["path"]] = Done(**values | {"notes": tuple(values["notes"])})
    return done
