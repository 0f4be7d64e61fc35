from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import NoiseMismatchError, Release, fingerprint, poison

CLASSES = ("cat", "dog", "frog")


def images(*shape: int) -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=random).to(torch.uint8)


def dataset(count: int = 10) -> ImageDataset:
    labels = torch.arange(count) % 3
    return ImageDataset("toys", "train", images(count, 3, 4, 4), labels, CLASSES)


def zeros(count: int) -> Tensor:
    return torch.zeros(count, dtype=torch.long)


def serve(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return batch


@pytest.mark.parametrize(
    ("pictures", "labels", "message"),
    [
        (
            torch.rand(4, 3, 8, 8),
            zeros(4),
            r"images are torch\.float32.*must be uint8",
        ),
        (images(4, 3, 8, 8).long(), zeros(4), r"images are torch\.int64"),
        (images(4, 8, 8), zeros(4), r"shape \(4, 8, 8\).*\[N, C, H, W\]"),
        (
            images(4, 8, 8, 3),
            zeros(4),
            r"shape \(4, 8, 8, 3\).*one or three channels",
        ),
        (images(4, 2, 8, 8), zeros(4), r"one or three channels"),
        (images(4, 3, 8, 0), zeros(4), "images are 8×0; they must have pixels"),
        (images(4, 3, 8, 8), zeros(3), "4 images and 3 labels"),
        (images(4, 3, 8, 8), zeros(0), "4 images and 0 labels"),
        (
            images(0, 3, 8, 8),
            zeros(0),
            "0 images and 0 labels.*at least one",
        ),
        (
            images(2, 3, 8, 8),
            torch.tensor([0, 3]),
            "labels run from 0 to 3; with 3 classes.*0 and 2",
        ),
        (images(2, 3, 8, 8), torch.tensor([-1, 2]), "labels run from -1 to 2"),
        (images(4, 3, 0, 0), zeros(4), "images are 0×0"),
        (images(2, 3, 8, 8), torch.tensor([0.0, 1.5]), r"labels are torch\.float32.*integers"),
        (images(2, 3, 8, 8), torch.tensor([False, True]), r"labels are torch\.bool.*integers"),
        (images(2, 3, 8, 8), torch.tensor([[0], [1]]), r"labels have shape \(2, 1\).*flatten"),
        (images(2, 3, 8, 8), torch.tensor([[0, 1], [1, 0]]), r"shape \(2, 2\).*argmax\(1\)"),
    ],
)
def test_bad_images_and_labels_are_refused(pictures: Tensor, labels: Tensor, message: str) -> None:
    with pytest.raises(UnlearnableError, match=f"toys/train: .*{message}"):
        ImageDataset("toys", "train", pictures, labels, CLASSES)


def test_lone_image_and_indexed_images_are_those_in_memory() -> None:
    data = dataset()
    assert len(data) == 10
    one = data[7]
    assert torch.equal(one["image"], data.images[7])
    assert (int(one["label"]), int(one["index"])) == (1, 7)
    batch = data.__getitems__([9, 0, 9])
    assert batch["image"].dtype == torch.uint8
    assert torch.equal(batch["image"], data.images[[9, 0, 9]])
    assert batch["label"].tolist() == [0, 0, 0]
    assert batch["index"].tolist() == [9, 0, 9]


def test_loader_asks_for_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Counted(ImageDataset):
        def __getitem__(self, index: int) -> dict[str, Tensor]:
            raise AssertionError("image by image")

        def __getitems__(self, indices: list[int] | Tensor) -> dict[str, Tensor]:
            asked.append(len(indices))
            return super().__getitems__(indices)

    data = Counted("toys", "train", images(10, 3, 4, 4), torch.arange(10) % 3, CLASSES)
    batches = list(DataLoader(data, 4, collate_fn=serve))
    assert asked == [4, 4, 2]
    assert torch.equal(torch.cat([batch["image"] for batch in batches]), data.images)
    assert torch.cat([batch["index"] for batch in batches]).tolist() == list(range(10))


def test_source_tells_what_the_images_are() -> None:
    data = dataset()
    assert data.source.shape == (10, 3, 4, 4)
    assert (data.source.name, data.source.split) == ("toys", "train")
    assert data.source.class_names == CLASSES
    assert data.source.sha256 == fingerprint(data.images, data.labels)


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_noise_is_laid_on_once_and_clean_images_are_kept(
    noise_for: Callable[..., Release], kind: str
) -> None:
    clean = dataset()
    noise = noise_for(clean.source, kind)
    data = ImageDataset("toys", "train", clean.images, clean.labels, CLASSES, noise)
    assert torch.equal(data.clean, clean.images)
    assert torch.equal(data.images, poison(clean.images, clean.labels, noise))
    assert not torch.equal(data.images, clean.images)
    assert data.source == clean.source
    assert torch.equal(data[3]["image"], data.images[3])


def test_noise_for_other_images_is_refused(noise_for: Callable[..., Release]) -> None:
    noise = noise_for(dataset(10).source)
    with pytest.raises(NoiseMismatchError, match="images 10 there, 9 here"):
        ImageDataset("toys", "train", images(9, 3, 4, 4), torch.arange(9) % 3, CLASSES, noise)


INTEGERS = [getattr(torch, f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_labels_of_any_integer_type_are_served_as_int64(
    dtype: torch.dtype, kind: str, noise_for: Callable[..., Release]
) -> None:
    """And get the noise of their class: PyTorch takes an index of uint8 for a mask."""
    plain = dataset(7)
    noise = noise_for(plain.source, kind)
    labels = plain.labels.to(dtype)
    data = ImageDataset("toys", "train", plain.clean, labels, CLASSES, noise)
    assert data[0]["label"].dtype == torch.int64
    assert torch.equal(data.images, poison(plain.clean, plain.labels, noise))
