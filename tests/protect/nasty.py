"""Every file that a folder of pictures can hold and that is no picture, or an odd one."""

import os
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms


def grain(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Random mid-range pixels, uint8 [H, W, C]."""
    shape = (height, width, channels)
    return np.random.default_rng(seed).integers(60, 190, shape, dtype=np.uint8)


def write_nasty(root: Path, elsewhere: Path) -> dict[str, str]:
    """Files that must be left out, by their path; the word that the reason must have."""
    a, b = sorted(path for path in root.iterdir())[:2]
    whole = (a / sorted(a.iterdir())[0].name).read_bytes()
    (a / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" * 64)
    (a / "photo.xmp").write_text("<x:xmpmeta/>")
    (a / "photo.NEF").write_bytes(whole)
    (a / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    (a / "cut.png").write_bytes(whole[: len(whole) // 2])
    (a / "zero.jpg").touch()
    (a / "dangling.jpg").symlink_to(root / "nowhere.jpg")
    (elsewhere / "secret.png").write_bytes(whole)
    (a / "leaves.png").symlink_to(elsewhere / "secret.png")
    (a / "round").symlink_to(root, target_is_directory=True)
    (a / "bomb.png").write_bytes(bomb(20000, 10000))
    (a / "lines.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (a / ".hidden.png").write_bytes(whole)
    (a / ("long" * 60 + ".png")).write_bytes(whole)
    os.mkfifo(a / "pipe.png")
    (root / "stray.png").write_bytes(whole)
    (root / "notes").mkdir()
    (root / "notes" / "read me.txt").write_text("no picture here")
    Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(b / "depth.tif")
    deep = b.joinpath(*"d" * 110)
    deep.mkdir(parents=True)
    (deep / "deep.png").write_bytes(whole)
    name = a.name
    return {
        f"{name}/Thumbs.db": "no picture",
        f"{name}/photo.xmp": "no picture",
        f"{name}/photo.NEF": "raw",
        f"{name}/photo.heic": "HEIC",
        f"{name}/cut.png": "damaged",
        f"{name}/zero.jpg": "zero bytes",
        f"{name}/dangling.jpg": "nowhere",
        f"{name}/leaves.png": "leaves the folder",
        f"{name}/round": "link to a folder",
        f"{name}/bomb.png": "megapixels",
        f"{name}/lines.eps": "drawing",
        f"{name}/.hidden.png": "hidden",
        f"{name}/{'long' * 60}.png": "shorten",
        f"{name}/pipe.png": "pipe",
        "stray.png": "no class folder",
        "notes/read me.txt": "no picture",
        f"{b.name}/depth.tif": "32-bit",
        str(Path(b.name).joinpath(*"d" * 100)): "folders deep",
    }


def write_odd(folder: Path) -> dict[str, tuple[str, tuple[int, int]]]:
    """Odd pictures in a class folder: the new name and size of each, by its own."""
    grey16 = (grain(20, 30, 1)[..., 0].astype(np.uint16)) * 257
    Image.fromarray(grey16).save(folder / "deep.png")
    rgb = Image.fromarray(grain(20, 30))
    rgb.convert("CMYK").save(folder / "print.jpg")
    rgb.quantize(16).save(folder / "palette.gif")
    rgb.save(folder / "moving.gif", save_all=True, append_images=[rgb.rotate(180)])
    rgb.convert("L").save(folder / "grey.bmp")
    Image.fromarray(grain(20, 30, 4)).save(folder / "clear.png")
    rgb.save(folder / "twice.jpg")
    rgb.save(folder / "twice.png")
    rgb.save(folder / "one row [1].png")
    rgb.save(folder / "two\nlines\x1b[31m.png")
    (folder / "twice.png.png").mkdir()
    rgb.save(folder / "twice.png.png" / "in a folder.png")
    rgb.save(folder / "twice.png.jpg")
    Image.new("L", (1, 1)).save(folder / "point.png")
    Image.fromarray(grain(1, 90)).save(folder / "line.png")
    rgb.save(os.fsencode(folder) + b"/caf\xe9.png", "PNG")
    (folder / "deeper" / "still").mkdir(parents=True)
    rgb.save(folder / "deeper" / "still" / "nested.webp")
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb.save(folder / "turned.jpg", exif=turned)
    wide = (30, 20)
    return {
        "deep.png": ("deep.png", wide),
        "print.jpg": ("print.png", wide),
        "palette.gif": ("palette.png", wide),
        "moving.gif": ("moving.png", wide),
        "grey.bmp": ("grey.png", wide),
        "clear.png": ("clear.png", wide),
        "twice.jpg": ("twice.jpg.png", wide),
        "twice.png": ("twice.png", wide),
        "one row [1].png": ("one row [1].png", wide),
        "two\nlines\x1b[31m.png": ("two\nlines\x1b[31m.png", wide),
        "twice.png.png/in a folder.png": ("twice.png.png/in a folder.png", wide),
        "twice.png.jpg": ("twice.png.jpg.png", wide),
        "point.png": ("point.png", (1, 1)),
        "line.png": ("line.png", (90, 1)),
        os.fsdecode(b"caf\xe9.png"): (os.fsdecode(b"caf\xe9.png"), wide),
        "deeper/still/nested.webp": ("deeper/still/nested.png", wide),
        "turned.jpg": ("turned.png", (20, 30)),
    }


def bomb(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that says it is that large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@lru_cache  # a profile holds the second in which it was made
def srgb() -> bytes:
    """A colour profile of RGB pixels."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
