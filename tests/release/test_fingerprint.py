import torch
from torch import Tensor

from unlearnable_lightning.release import fingerprint


def data() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (6, 3, 4, 4), generator=random).to(torch.uint8)
    return images, torch.tensor([0, 1, 2, 0, 1, 2])


def test_same_data_same_fingerprint_whatever_the_layout() -> None:
    images, labels = data()
    first = fingerprint(images, labels)
    assert first == fingerprint(images.clone(), labels.to(torch.int32))
    assert first == fingerprint(images.to(memory_format=torch.channels_last), labels)
    assert first == fingerprint(images.repeat_interleave(2, 0)[::2], labels)
    assert len(first) == 64


def test_order_pixels_labels_and_shape_each_change_it() -> None:
    images, labels = data()
    pixel = images.clone()
    pixel[5, 2, 3, 3] ^= 1
    variants = {
        "same": (images, labels),
        "order": (images.flip(0), labels.flip(0)),
        "order of images alone": (images.flip(0), labels),
        "pixel": (pixel, labels),
        "labels": (images, labels.roll(1)),
        "shape": (images.view(6, 1, 12, 4), labels),
        "channels last": (images.permute(0, 2, 3, 1).reshape(6, 3, 4, 4), labels),
        "subset": (images[:5], labels[:5]),
    }
    assert len({fingerprint(*variant) for variant in variants.values()}) == len(variants)
