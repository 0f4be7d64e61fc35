"""An order of images that does not depend on where they stand."""

import hashlib

import numpy as np
import torch
from torch import Tensor


def canonical_order(images: Tensor, labels: Tensor) -> Tensor:
    """An order that depends on what the images show: 0.3 s for CIFAR-10.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].

    Returns:
        int64 [N], a permutation; images that are equal with their labels keep theirs.
    """
    pixels, classes = images.contiguous().numpy(), labels.tolist()
    digests = [
        hashlib.blake2b(image.data, digest_size=16, salt=label.to_bytes(8, "little")).hexdigest()
        for image, label in zip(pixels, classes, strict=True)
    ]
    return torch.from_numpy(np.argsort(np.array(digests), kind="stable"))
