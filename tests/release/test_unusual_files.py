"""Files as strangers have them: other protocols, turned images, scales, arrays that repeat."""

import pickle
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from foreign import IMAGES, LABELS, SOURCE, K, N, read, some_release
from PIL import Image

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import DataSource, Release, fingerprint, poison
from unlearnable_lightning.release.formats import NAMES, export_release, import_release

RELEASE = some_release()
POISONED = poison(IMAGES, LABELS, RELEASE)
NHWC = POISONED.permute(0, 2, 3, 1).numpy()  # views whose axes are in no order of memory
DICT = dict(enumerate(NHWC))


def images_of(release: Release) -> torch.Tensor:
    return poison(IMAGES, LABELS, release)


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_pickle_is_recognised_and_read(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    for content, form in ((RELEASE.difference.numpy(), "NumpyPickle"), (DICT, "ImageDict")):
        path.write_bytes(pickle.dumps(content, protocol))
        release, found = read(path)
        assert found == form
        assert torch.equal(images_of(release), POISONED)


def test_places_may_be_numbers_of_numpy_and_texts_with_zeros(tmp_path: Path) -> None:
    for keys in (map(np.int64, DICT), (f"{key:030d}" for key in DICT)):
        (tmp_path / "a.pkl").write_bytes(pickle.dumps(dict(zip(keys, NHWC, strict=True))))
        assert torch.equal(images_of(read(tmp_path / "a.pkl")[0]), POISONED)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({np.float64(3): NHWC[3]}))
    with pytest.raises(UnlearnableError, match="keys must be the places"):
        read(tmp_path / "a.pkl")


def test_pictures_may_have_many_zeros_in_their_names(tmp_path: Path) -> None:
    Image.fromarray(NHWC[7]).save(tmp_path / f"{7:040d}.png")
    assert read(tmp_path)[0].rows.tolist() == [7]  # type: ignore[union-attr]


LARGE = np.zeros((3000, 3000, 3), np.uint8)
ONE = torch.zeros(1)
REPEATED: dict[str, tuple[str, Any]] = {
    "an array in a dict": ("a.pkl", dict.fromkeys(range(9000), LARGE)),
    "an array in a list": ("a.pkl", {"images": [LARGE] * 9000}),
    "a number in a tensor": ("a.pt", ONE.bfloat16().expand(10**6, 10**6)),
    "a number in a dict": ("a.pt", dict.fromkeys(range(40), ONE.expand(10**6, 10**6))),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_repeats_to_too_much_is_refused(name: str, tmp_path: Path) -> None:
    """268 GB and more, in files below 30 MB."""
    file, content = REPEATED[name]
    if file == "a.pt":
        torch.save(content, tmp_path / file)
    else:
        (tmp_path / file).write_bytes(pickle.dumps(content))
    with pytest.raises(UnlearnableError, match="repeated ones included"):
        read(tmp_path / file)


NAMED = b"\x80\x04\x8c\x05a\nb\nc\x8c\x03d\ne\x93."
LONG = b"\x80\x04X" + struct.pack("<I", 10**6) + b"a" * 10**6 + b"\x8c\x01b\x93."


@pytest.mark.parametrize("content", [NAMED, LONG, b"\x80\x02NQ."], ids=["lines", "long", "id"])
def test_a_refusal_is_one_short_line_whatever_the_file_says(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(content)
    with pytest.raises(UnlearnableError) as error:
        read(tmp_path / "a.pkl", "NumpyPickle")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    "labels",
    [np.zeros(N, [("a", "i1")]), np.array([str(each) for each in LABELS.tolist()])],
    ids=["records", "texts"],
)
@pytest.mark.parametrize("name", ["difference", "x_train"])
def test_labels_that_are_no_numbers_are_refused(
    name: str, labels: np.ndarray, tmp_path: Path
) -> None:
    array = RELEASE.difference.numpy() if name == "difference" else NHWC
    np.savez(tmp_path / "a.npz", y_train=labels, **{name: array})
    with pytest.raises(UnlearnableError, match="Store the number of each class"):
        read(tmp_path / "a.npz")


def test_poisoned_images_compare_their_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=NHWC, y_train=LABELS.numpy()[::-1])
    for spec in (None, "PoisonedImages"):
        with pytest.raises(UnlearnableError, match="labels are not those"):
            read(tmp_path / "a.npz", spec)


def test_poisoned_images_are_not_unpacked_beyond_what_the_data_take(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x_train=np.zeros((9000, 64, 64, 3), np.uint8))
    with pytest.raises(UnlearnableError, match="unpacks to"):
        read(tmp_path / "a.npz", "PoisonedImages")


def test_images_with_their_places_are_put_there(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(N)
    np.savez(tmp_path / "a.npz", x_train=NHWC[order], rows=order)
    assert torch.equal(images_of(read(tmp_path / "a.npz")[0]), POISONED)
    with pytest.raises(UnlearnableError, match="Give --from NumpyArrays"):
        read(tmp_path / "a.npz", "PoisonedImages")


@pytest.mark.parametrize(("low", "width"), [(-1, 2), (-0.5, 1)])
def test_images_around_zero_are_not_taken_for_noise(
    low: float, width: float, tmp_path: Path
) -> None:
    torch.save(POISONED.float() / 255 * width + low, tmp_path / "a.pt")
    with pytest.raises(UnlearnableError, match="Store images in pixels of"):
        read(tmp_path / "a.pt")


TURNS = {
    "with blue for red": POISONED.flip(1),
    "mirrored": POISONED.flip(3),
    "upside down": POISONED.flip(2),
    "turned by 180°": POISONED.flip(2, 3),
    "with rows for columns": POISONED.transpose(2, 3),
    "turned by 90°": POISONED.rot90(1, (2, 3)),
    "turned by 270°": POISONED.rot90(-1, (2, 3)),
}


@pytest.mark.parametrize("turn", TURNS)
def test_turned_images_are_refused_by_name(turn: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", TURNS[turn].numpy())
    with pytest.raises(UnlearnableError, match="Store them as the clean ones are"):
        read(tmp_path / "a.npy")


def test_some_images_are_not_noise_of_classes(tmp_path: Path) -> None:
    """As many floats in [0, 1] as there are classes: images without places, or such noise."""
    np.save(tmp_path / "a.npy", POISONED[:K].numpy() / np.float32(255))
    with pytest.raises(UnlearnableError, match="only differences can be of classes"):
        read(tmp_path / "a.npy")
    noise = torch.randint(0, 9, (K, *IMAGES.shape[1:]))
    np.save(tmp_path / "a.npy", noise.numpy() / np.float32(255))
    assert torch.equal(read(tmp_path / "a.npy")[0].difference, noise.to(torch.int8))


def png(bits: int, rows: bytes) -> bytes:
    """A colour PNG of 16×16."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + sum_

    head = struct.pack(">IIBBBBB", 16, 16, bits, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_pictures_of_16_bits_are_not_cut_to_8(tmp_path: Path) -> None:
    deep = (NHWC[3].astype(np.int64) * 256 + 200).astype(">u2")
    (tmp_path / "3.png").write_bytes(png(16, b"".join(b"\0" + row.tobytes() for row in deep)))
    with pytest.raises(UnlearnableError, match="has 16 bits for each number"):
        read(tmp_path)
    (tmp_path / "3.png").write_bytes(png(8, b"".join(b"\0" + row.tobytes() for row in NHWC[3])))
    assert torch.equal(images_of(read(tmp_path)[0])[3], POISONED[3])


SIZES = [(1, 1, 4, 5, 1), (20, 1, 1, 1, 4), (30, 1, 5, 12, 4), (9, 3, 6, 8, 1), (4, 3, 6, 5, 4)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_every_format_takes_images_of_every_size(
    kind: str, name: str, size: tuple[int, ...], tmp_path: Path
) -> None:
    n, c, h, w, k = size
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (n, c, h, w), generator=random).to(torch.uint8)
    images = torch.arange(n).view(-1, 1, 1, 1).mul(12).to(torch.uint8) if h == 1 else images
    labels = torch.arange(n) % k
    sha256 = fingerprint(images, labels)
    source = DataSource("toys", "train", (n, c, h, w), tuple("abcd"[:k]), sha256)
    count = k if kind == "classwise" else n
    difference = torch.randint(-2, 3, (count, c, h, w), generator=random).to(torch.int8)
    difference[:, 0, 0, 0] = 2
    release = Release(difference, kind, source)
    export_release(tmp_path / "a", name, release, images, labels)
    found, _ = import_release(tmp_path / "a", name, images, labels, source)
    assert torch.equal(poison(images, labels, found), poison(images, labels, release))


@pytest.mark.parametrize("name", ["A.NPY", "A.PT"])
def test_a_suffix_in_capitals_says_the_same(name: str, tmp_path: Path) -> None:
    form = {"A.NPY": "PoisonedImages", "A.PT": "ImageDict"}[name]
    for each in (form, *(["NumpyArrays", "ShuffledImages"] if name == "A.NPY" else [])):
        for file in (name, name.lower()):
            export_release(tmp_path / file, each, RELEASE, IMAGES, LABELS, overwrite=True)
        same = (tmp_path / name).read_bytes()[:6] == (tmp_path / name.lower()).read_bytes()[:6]
        assert same
    assert SOURCE.shape[0] == N


@pytest.mark.parametrize("step", [b"\x85", b"\x85Nb", b"\x85(u", b"\x85(0", b"\x85q\x010h\x01"])
def test_keys_too_deep_to_be_hashed_are_refused(step: bytes, tmp_path: Path) -> None:
    """A million of these end Python without a word."""
    pickled = b"\x80\x02})" + step * 200 + b"K\x01s."
    (tmp_path / "a.pkl").write_bytes(pickled)
    torch.save(torch.zeros(1), tmp_path / "whole.pt")
    with (
        zipfile.ZipFile(tmp_path / "whole.pt") as whole,
        zipfile.ZipFile(tmp_path / "a.pt", "w") as archive,
    ):
        for name in whole.namelist():
            changed = name.endswith("data.pkl")
            archive.writestr(name, pickled if changed else whole.read(name))
    for file in ("a.pkl", "a.pt"):
        with pytest.raises(UnlearnableError, match="more than 100 deep"):
            read(tmp_path / file, "ImageDict")


def test_an_archive_of_a_later_version_of_zip_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=NHWC)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[content.rindex(b"PK\x01\x02") + 6] = 173  # the version that is needed to unpack
    (tmp_path / "a.npz").write_bytes(content)
    for spec in (None, "PoisonedImages", "NumpyArrays", "ShuffledImages", "TorchTensor"):
        with pytest.raises(UnlearnableError):
            read(tmp_path / "a.npz", spec)
