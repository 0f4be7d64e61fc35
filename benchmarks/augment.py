"""Augmentations of a batch of 512 against kornia, and against PIL and torchvision in workers."""

import io
from collections.abc import Callable
from typing import Any

import kornia.augmentation as K
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from benchmarks.pictures import DEVICE, uint8_batch
from benchmarks.side_by_side import side_by_side, table
from unlearnable_lightning.augment import JPEG, MedianBlur, RandomCropFlip

BATCH, BATCHES, TURNS = 512, 10, 7
OURS = "ours"


def run() -> str:
    """A table per augmentation: `BATCHES` batches each, from uint8 images to float ones."""
    images, _ = uint8_batch(BATCH)
    batches = [images] * BATCHES
    nhwc = images.cpu().permute(0, 2, 3, 1).repeat(BATCHES, 1, 1, 1).numpy()
    crop_flip = [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(), to_tensor]
    contests = {
        "crop + flip": {
            OURS: ours(RandomCropFlip(), batches),
            "kornia": kornia(K.RandomCrop((32, 32), padding=4), K.RandomHorizontalFlip(), batches),
            "torchvision v2 on PIL images, 2 workers": in_workers(nhwc, *crop_flip),
        },
        "JPEG, quality 22": {
            OURS: ours(JPEG(quality=22), batches),
            "kornia": kornia(K.RandomJPEG(jpeg_quality=(22.0, 22.0), p=1.0), None, batches),
            "PIL, 2 workers": in_workers(nhwc, through_jpeg, to_tensor),
            "torchvision v2, 2 workers": in_workers(nhwc, v2.PILToTensor(), v2.JPEG(22), scaled),
        },
        "median blur, 3×3": {
            OURS: ours(MedianBlur(3), batches),
            "kornia": kornia(K.RandomMedianBlur((3, 3), p=1.0), None, batches),
            "PIL, 2 workers": in_workers(nhwc, median, to_tensor),
        },
    }
    return "\n\n".join(
        table(name, side_by_side(contestants, TURNS), BATCH * BATCHES, "kornia")
        for name, contestants in contests.items()
    )


def ours(augmentation: Any, batches: list[Tensor]) -> Callable[[], None]:
    """As a data module applies it."""

    def call() -> None:
        for images in batches:
            augmentation(images.float() / 255)

    return torch.no_grad()(call)


def kornia(first: Any, second: Any, batches: list[Tensor]) -> Callable[[], None]:
    """The same of kornia's modules, a draw per image."""

    def call() -> None:
        for images in batches:
            augmented = first(images.float() / 255)
            if second is not None:
                second(augmented)

    return torch.no_grad()(call)


def in_workers(nhwc: Any, *transforms: Any) -> Callable[[], None]:
    """A pass of a DataLoader over PIL images with workers that stay from turn to turn."""
    pictures = Pictures(nhwc, v2.Compose(transforms))
    loader: Any = DataLoader(pictures, BATCH, num_workers=2, persistent_workers=True)

    def call() -> None:
        for images in loader:
            images.to(DEVICE)

    return call


class Pictures(Dataset[Tensor]):
    """One picture at a time, as torchvision's data sets give them."""

    def __init__(self, nhwc: Any, transform: Callable[[Any], Tensor]) -> None:
        self.nhwc, self.transform = nhwc, transform

    def __len__(self) -> int:
        return len(self.nhwc)

    def __getitem__(self, index: int) -> Tensor:
        return self.transform(Image.fromarray(self.nhwc[index]))


def to_tensor(picture: Image.Image) -> Tensor:
    return v2.functional.to_dtype(v2.functional.pil_to_tensor(picture), torch.float32, scale=True)


def scaled(image: Tensor) -> Tensor:
    return image.float() / 255


def through_jpeg(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=22)
    return Image.open(file)


def median(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.MedianFilter(3))
