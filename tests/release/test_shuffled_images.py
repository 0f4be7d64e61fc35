"""NTGA's files: images in an unknown order, matched by looking at them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foreign import IMAGES, LABELS, SOURCE, K, N, read, some_release

from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import DataSource, fingerprint, poison
from unlearnable_lightning.release.foreign.nearest import match
from unlearnable_lightning.release.formats import ShuffledImages, export_release

POISONED = poison(IMAGES, LABELS, some_release(levels=4))
ORDER = torch.randperm(N, generator=torch.Generator().manual_seed(5))[:30]


def write(path: Path, order: torch.Tensor = ORDER) -> None:
    np.save(path / "x.npy", (POISONED[order].permute(0, 2, 3, 1).float() / 255).numpy())
    np.save(path / "y.npy", np.eye(K, dtype=np.float32)[LABELS[order].numpy()])


def with_labels(path: Path) -> dict[str, object]:
    return {"class_path": "ShuffledImages", "init_args": {"labels": str(path / "y.npy")}}


def test_each_image_finds_its_place(tmp_path: Path) -> None:
    write(tmp_path)
    for spec in (None, with_labels(tmp_path)):
        release, form = read(tmp_path / "x.npy", spec)
        assert form == "ShuffledImages"
        back = poison(IMAGES, LABELS, release)
        assert torch.equal(back[ORDER], POISONED[ORDER])
        assert release.rows is not None
        assert release.rows.tolist() == sorted(ORDER.tolist())


@pytest.mark.parametrize("name", ["s.npy", "s.npz"])
def test_it_writes_what_it_reads(name: str, tmp_path: Path) -> None:
    for kind, partial in (("samplewise", True), ("classwise", False), ("samplewise", False)):
        release = some_release(kind, 4, partial)
        path = tmp_path / name
        export_release(path, "ShuffledImages", release, IMAGES, LABELS, overwrite=True)
        back, _ = read(path, "ShuffledImages")
        assert torch.equal(poison(IMAGES, LABELS, back), poison(IMAGES, LABELS, release))


def test_labels_of_other_images_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    right = np.load(tmp_path / "y.npy")
    for wrong, message in (
        (np.roll(right, 1, 0), "labels are not those"),
        (right * 0.5, "not one-hot"),
        (right[:7], "7 labels for 30 images"),
    ):
        np.save(tmp_path / "y.npy", wrong)
        with pytest.raises(UnlearnableError, match=message):
            read(tmp_path / "x.npy", with_labels(tmp_path))


def test_an_image_twice_and_a_stranger_are_refused(tmp_path: Path) -> None:
    write(tmp_path, torch.cat([ORDER[:5], ORDER[:1]]))
    with pytest.raises(UnlearnableError, match="several of its images match clean image"):
        read(tmp_path / "x.npy", "ShuffledImages")
    images = np.load(tmp_path / "x.npy")[:5]
    images[3] = np.random.default_rng(0).random(images[3].shape)
    np.save(tmp_path / "x.npy", images)
    with pytest.raises(UnlearnableError, match="1 of its 5 images match no clean one: image 3"):
        read(tmp_path / "x.npy", "ShuffledImages")


def test_equal_clean_images_take_one_each(tmp_path: Path) -> None:
    images = torch.cat([IMAGES, IMAGES[:2]])
    labels = torch.cat([LABELS, LABELS[:2]])
    sha256 = fingerprint(images, labels)
    source = DataSource("toys", "train", tuple(images.shape), SOURCE.class_names, sha256)
    noise = torch.randint(-4, 5, images.shape, generator=torch.Generator().manual_seed(1))
    poisoned = (images + noise).clamp(0, 255).to(torch.uint8)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(2))
    np.save(tmp_path / "x.npy", poisoned[order].permute(0, 2, 3, 1).numpy())
    release = ShuffledImages().read(tmp_path / "x.npy", images, labels, source)
    back = poison(images, labels, release)
    found = {each.numpy().tobytes() for each in back}
    assert found == {each.numpy().tobytes() for each in poisoned}


def test_more_images_than_there_are_is_refused(tmp_path: Path) -> None:
    write(tmp_path, torch.cat([torch.arange(N), torch.tensor([0])]))
    with pytest.raises(UnlearnableError, match="41 images for 40 clean ones"):
        read(tmp_path / "x.npy", "ShuffledImages")


@pytest.mark.parametrize("size", [15, 16, 18])
def test_it_is_the_nearest_image_whatever_the_noise(size: int) -> None:
    """Against all distances, on images so close that the short cut must look further."""
    clean = (draw_shapes(300, seed=1, image_size=size)[0] // 8) + 100
    noise = torch.randint(-6, 7, clean.shape, generator=torch.Generator().manual_seed(3))
    noisy = (clean + noise).to(torch.uint8)
    from unlearnable_lightning.release.foreign.nearest import _Features, _nearest

    places, squared = _nearest(noisy, clean, _Features.of(clean))
    every = torch.cdist(noisy.flatten(1).double(), clean.flatten(1).double()).square()
    assert torch.allclose(squared.double(), every.min(1).values, atol=0.5)
    assert torch.allclose(every.gather(1, places[:, None])[:, 0], every.min(1).values)


def test_match_gives_places() -> None:
    assert match(POISONED[ORDER], IMAGES).tolist() == ORDER.tolist()
