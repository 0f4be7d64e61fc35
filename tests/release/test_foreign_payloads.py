"""Files that want to run code, to fill the memory, or to reach beyond their place: nothing of it
happens."""

import io
import os
import pickle
import struct
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from foreign import IMAGES, LABELS, SOURCE, N, read, some_release
from PIL import Image

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import DataSource, Release, fingerprint, poison
from unlearnable_lightning.release.foreign.notes import read_notes
from unlearnable_lightning.release.formats import NAMES, export_release

# pickletools, which walks over spoiled files
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")

RELEASE = some_release()
POISONED = poison(IMAGES, LABELS, RELEASE).permute(0, 2, 3, 1).numpy()
DELTA = RELEASE.difference.numpy()


class Payload:
    """Leaves a file where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


def system(trace: Path) -> bytes:
    return f"cposix\nsystem\n(S'touch {trace}'\ntR.".encode()


def evaluated(trace: Path) -> bytes:
    code = f"open({str(trace)!r}, 'w')"
    return b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93" + pickle.dumps(code, 0)[:-1] + b"\x85R."


def within_numpy(trace: Path) -> bytes:
    """numpy's own function that unpickles what it is given."""
    inner = pickle.dumps(Payload(trace))
    head = b"\x80\x04cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02O8\x85R"
    return head + b"B" + struct.pack("<I", len(inner)) + inner + b"\x86R."


def old_instance(trace: Path) -> bytes:
    return f"(S'touch {trace}'\niposix\nsystem\n.".encode()


def pickles(trace: Path) -> dict[str, bytes]:
    payload = Payload(trace)
    objects = np.empty(N, dtype=object)
    objects[:] = payload
    made: dict[str, Any] = {
        "alone": payload,
        "in a list": [payload],
        "in a dict": {0: POISONED[0], 1: payload},
        "as a key": {"image": POISONED, payload: 0},
        "in a pair": {i: (image, payload) for i, image in enumerate(POISONED)},
        "in an array": objects,
        "in arrays": {0: objects},
        "in a class": OrderedDict(image=payload),
    }
    every = {
        f"{name}, protocol {p}": pickle.dumps(each, p)
        for name, each in made.items()
        for p in (0, 2, 5)
    }
    hand_made = (system, evaluated, within_numpy, old_instance)
    return every | {make.__name__: make(trace) for make in hand_made}


def refused(path: Path) -> None:
    """By every format, and by the one that the content asks for."""
    for spec in (None, *NAMES):
        with pytest.raises(UnlearnableError):
            read(path, spec)


def test_no_pickle_runs(tmp_path: Path) -> None:
    trace = tmp_path / "PWNED"
    for name, content in pickles(trace).items():
        path = tmp_path / "a.pkl"
        path.write_bytes(content)
        refused(path)
        assert not trace.exists(), name
        if name != within_numpy.__name__:  # which NumPy 2 refuses itself
            pickle.loads(content)
            assert trace.exists(), f"{name} would not have shown"
            trace.unlink()


def torch_files(trace: Path) -> dict[str, Callable[[Path], None]]:
    def zipped(content: Any) -> Callable[[Path], None]:
        return lambda path: torch.save(content, path)

    def old(content: Any) -> Callable[[Path], None]:
        return lambda path: torch.save(content, path, _use_new_zipfile_serialization=False)

    def by_hand(content: bytes) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            torch.save({}, path)
            with zipfile.ZipFile(path) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
            with zipfile.ZipFile(path, "w") as archive:
                for name, part in parts.items():
                    archive.writestr(name, content if name.endswith("data.pkl") else part)

        return write

    payload = Payload(trace)
    return {
        "a class": zipped(payload),
        "in a dict": zipped({0: torch.zeros(1), 1: payload}),
        "of old": old(payload),
        "in a dict of old": old({0: payload}),
        "os.system": by_hand(system(trace)),
        "within numpy": by_hand(within_numpy(trace)),
        "objects": zipped(np.array([payload], dtype=object)),
        "a module": zipped(torch.nn.Linear(1, 1)),
    }


def test_no_file_of_torch_runs(tmp_path: Path) -> None:
    trace, path = tmp_path / "PWNED", tmp_path / "a.pt"
    for name, write in torch_files(trace).items():
        write(path)
        refused(path)
        assert not trace.exists(), name
        if name not in ("within numpy", "a module"):
            torch.load(path, weights_only=False)
            assert trace.exists(), f"{name} would not have shown"
            trace.unlink()


def test_no_array_of_objects_runs(tmp_path: Path) -> None:
    trace = tmp_path / "PWNED"
    objects = np.array([Payload(trace)] * N, dtype=object)
    np.save(tmp_path / "a.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "a.npz", x_train=objects, y_train=objects, allow_pickle=True)
    np.savez(tmp_path / "b.npz", x_train=POISONED, y_train=objects, allow_pickle=True)
    np.savez(tmp_path / "c.npz", noise=DELTA, kind=objects, allow_pickle=True)
    for name in ("a.npy", "a.npz"):
        refused(tmp_path / name)
    for name in ("b.npz", "c.npz"):
        with pytest.raises(UnlearnableError, match="cannot be read"):
            read(tmp_path / name, "NumpyArrays")
    assert not trace.exists()
    assert np.load(tmp_path / "a.npy", allow_pickle=True).shape == (N,)
    assert trace.exists()


def test_one_reading_cannot_change_the_next(tmp_path: Path) -> None:
    """A pickle may set attributes of what it names: here the state that arrays are made of."""
    evil = b"\x80\x02cnumpy\nndarray\n(N}(X\x05\x00\x00\x00namedX\x04\x00\x00\x00evilutb."
    (tmp_path / "evil.pkl").write_bytes(evil)
    with pytest.raises(UnlearnableError):
        read(tmp_path / "evil.pkl", "NumpyPickle")
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(DELTA))
    assert np.array_equal(read(tmp_path / "a.pkl")[0].difference.numpy(), DELTA)


BOMBS = {
    "memo": b"\x80\x02Nr" + struct.pack("<I", 2**31 - 1) + b".",
    "bytes": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b".",
    "depth": b"\x80\x02" + b"]" * 5000 + b"a" * 4999 + b".",
    "key": b"\x80\x02}" + b")" + b"\x85" * 5000 + b"Ns.",
    "long": b"\x80\x02}\x8b" + struct.pack("<i", 9000) + b"\x7f" * 9000 + b"Ns.",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_in_pickles_are_refused(bomb: str, tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(BOMBS[bomb])
    refused(tmp_path / "a.pkl")


def test_arrays_that_say_more_than_they_hold_are_refused(tmp_path: Path) -> None:
    plain = pickle.dumps(DELTA, 2)
    (tmp_path / "a.pkl").write_bytes(plain.replace(b"K(", b"K)", 1))  # 41 of 40 images
    refused(tmp_path / "a.pkl")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|i1", "fortran_order": False, "shape": (2**40, 3, 16, 16)}
    )
    (tmp_path / "a.npy").write_bytes(header.getvalue() + DELTA.tobytes())
    refused(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("noise.npy", (tmp_path / "a.npy").read_bytes())
    refused(tmp_path / "a.npz")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    torch.save(torch.zeros(9_000_000), tmp_path / "big.pt")
    with zipfile.ZipFile(tmp_path / "big.pt") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert (tmp_path / "a.pt").stat().st_size < 100_000
    with pytest.raises(UnlearnableError, match="unpacks to"):
        read(tmp_path / "a.pt")


def test_other_protocols_of_pickle_are_read_or_refused_by_name(tmp_path: Path) -> None:
    path, images = tmp_path / "a.pt", torch.from_numpy(POISONED)

    torch.save(images, path, pickle_protocol=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        release, _ = read(path)
    assert torch.equal(poison(IMAGES, LABELS, release).permute(0, 2, 3, 1), images)
    for protocol in (4, 5):
        torch.save(images, path, pickle_protocol=protocol)
        with pytest.raises(UnlearnableError, match="pickle_protocol=4 or 5; leave it out"):
            read(path)


def test_every_cut_of_a_file_is_refused_in_words(tmp_path: Path) -> None:
    for name, to in (("a.pkl", None), ("a.pt", None), ("d.pkl", "ImageDict"), ("a.npz", None)):
        path = tmp_path / name
        export_release(path, to, RELEASE, IMAGES, LABELS)
        whole = path.read_bytes()
        for share in (0.01, 0.3, 0.7, 0.99):
            path.write_bytes(whole[: int(share * len(whole))])
            refused(path)


def test_a_dict_of_pictures_of_pillow_is_read_without_pillow(tmp_path: Path) -> None:
    pictures = {i: Image.fromarray(image) for i, image in enumerate(POISONED)}
    for protocol in (2, 4, 5):
        (tmp_path / "a.pkl").write_bytes(pickle.dumps(pictures, protocol))
        release, form = read(tmp_path / "a.pkl")
        assert form == "ImageDict"
        assert np.array_equal(poison(IMAGES, LABELS, release).permute(0, 2, 3, 1), POISONED)
    assert type(read_notes(tmp_path / "a.pkl")[0]).__module__ != "PIL.Image"


@pytest.mark.parametrize("kind", ["tensors", "texts", "pairs", "named", "arrays in torch", "some"])
def test_dicts_of_other_kinds_are_read(kind: str, tmp_path: Path) -> None:
    numbered = dict(enumerate(POISONED))
    some = {5: POISONED[5], 2: POISONED[2]}
    content: Any = {
        "tensors": {i: torch.from_numpy(image).permute(2, 0, 1) for i, image in numbered.items()},
        "texts": {str(i): image for i, image in numbered.items()},
        "pairs": {i: (image, int(LABELS[i])) for i, image in numbered.items()},
        "named": {"images": POISONED, "labels": LABELS.tolist()},
        "arrays in torch": numbered,
        "some": some,
    }[kind]
    path = tmp_path / ("a.pt" if "t" in kind[:1] + kind[-1:] and kind != "texts" else "a.pkl")
    if kind in ("tensors", "arrays in torch"):
        path = tmp_path / "a.pt"
        torch.save(content, path)
    else:
        path = tmp_path / "a.pkl"
        path.write_bytes(pickle.dumps(content))
    release, form = read(path)
    assert form == "ImageDict"
    rows = [2, 5] if kind == "some" else list(range(N))
    back = poison(IMAGES, LABELS, release).permute(0, 2, 3, 1).numpy()
    assert np.array_equal(back[rows], POISONED[rows])
    assert release.rows is None or release.rows.tolist() == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "one image at least"),
        ({0: "text"}, "a str where an array"),
        ({-1: POISONED[0]}, "it has a key of type int"),
        ({"cat": POISONED[0]}, "it has a key 'cat'"),
        ({N: POISONED[0]}, "between 0 and 39"),
        ({0: POISONED[0], 1: POISONED[1][:8]}, "2 different shapes"),
        ({i: (each, int(LABELS[i - 1])) for i, each in enumerate(POISONED)}, "labels are not"),
        ([DELTA], "it holds a list"),
    ],
    ids=["empty", "text", "negative", "name", "beyond", "shapes", "labels", "list"],
)
def test_other_dicts_are_refused(content: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(UnlearnableError, match=message):
        read(tmp_path / "a.pkl", "ImageDict")


def picture(path: Path, change: Callable[[Image.Image], Image.Image]) -> None:
    change(Image.fromarray(POISONED[0])).save(path, format="PNG")


@pytest.fixture(params=["PNGFolder", "ImageFolder"])
def folder(request: Any, tmp_path: Path) -> tuple[Path, Path, str]:
    """A written folder, the folder in it where image 0 is, and its format."""
    export_release(tmp_path / "out", request.param, RELEASE, IMAGES, LABELS)
    inside = next((tmp_path / "out").rglob("0.png")).parent
    return tmp_path / "out", inside, request.param


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "0.png").rename(f / "x.png"), "named by the places"),
        (lambda f: (f / "0.png").rename(f / "40.png"), "would be of image 40"),
        (lambda f: (f / "00.png").write_bytes((f / "0.png").read_bytes()), "names 1 images twice"),
        (lambda f: (f / "notes.txt").write_text("x"), "the file notes.txt"),
        (lambda f: (f / "0.png").write_bytes(b"no picture"), "not a readable PNG"),
        (lambda f: (f / "0.png").write_bytes((f / "0.png").read_bytes()[:90]), "PNG"),
        (lambda f: picture(f / "0.png", lambda p: p.convert("P")), "of mode P"),
        (lambda f: picture(f / "0.png", lambda p: p.convert("RGBA")), "of mode RGBA"),
        (lambda f: picture(f / "0.png", lambda p: p.resize((32, 32))), "32×32 pixels"),
        (lambda f: picture(f / "0.png", lambda p: p.resize((900, 900))), "900×900 pixels"),
        (lambda f: Image.fromarray(POISONED[0]).save(f / "0.png", format="BMP"), "not a readable"),
        (lambda f: os.symlink(f / "0.png", f / "39.png.x"), "a link 39.png.x"),
        (lambda f: (f / "sub").mkdir(), "a folder sub"),
    ],
    ids=range(13),
)
def test_folders_with_something_else_are_refused(
    spoil: Callable[[Path], Any], message: str, folder: tuple[Path, Path, str]
) -> None:
    path, inside, form = folder
    spoil(inside)
    with pytest.raises(UnlearnableError, match=message):
        read(path, form)


def test_links_out_of_a_tree_are_refused(tmp_path: Path) -> None:
    export_release(tmp_path / "out", "ImageFolder", RELEASE, IMAGES, LABELS)
    first = next((tmp_path / "out" / "train").iterdir())
    first.rename(tmp_path / "elsewhere")
    first.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnlearnableError, match="a link or a file"):
        read(tmp_path / "out", "ImageFolder")
    first.unlink()
    (tmp_path / "elsewhere").rename(first.with_name("other"))
    with pytest.raises(UnlearnableError, match="is no class of this data"):
        read(tmp_path / "out", "ImageFolder")


def test_a_picture_in_the_folder_of_another_class_is_refused(tmp_path: Path) -> None:
    export_release(tmp_path / "out", "ImageFolder", RELEASE, IMAGES, LABELS)
    path = next((tmp_path / "out").rglob("0.png"))
    other = next(each for each in path.parents[1].iterdir() if each != path.parent)
    path.rename(other / "0.png")
    with pytest.raises(UnlearnableError, match="image 0 of this data has label"):
        read(tmp_path / "out", "ImageFolder")


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """Neither by names of classes nor by names in archives."""
    names = ("../../up", "/up/abs", "..", "a\\b\0", *SOURCE.class_names[4:])[
        : len(SOURCE.class_names)
    ]
    source = DataSource("../x", "train", SOURCE.shape, names, fingerprint(IMAGES, LABELS))
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    release = Release(RELEASE.difference, "samplewise", source)
    export_release(inner / "out", "ImageFolder", release, IMAGES, LABELS)
    with zipfile.ZipFile(inner / "a.npz", "w") as archive:
        archive.writestr("../../evil.npy", b"x")
        archive.writestr("noise.npy", b"x")
    refused(inner / "a.npz")
    outside = [each for each in tmp_path.rglob("*") if inner not in [each, *each.parents]]
    assert outside == [tmp_path / "deep"]
    assert len(list((inner / "out").rglob("*.png"))) == N
