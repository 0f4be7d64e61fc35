"""The augmentation of UEraser: Qin et al., "Learning the Unlearnable: Adversarial Augmentations
Suppress Unlearnable Example Attacks", ICCV 2023 workshop, arXiv 2303.15127."""

import torch
from torch import Tensor

from unlearnable_lightning.augment import operations as op
from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.plasma import clouds
from unlearnable_lightning.augment.policy import BINS, Operation, augmented, draw


def ueraser_views(images: Tensor) -> Tensor:
    """One strongly augmented view of every image, each draw for each image alone.

    In this order: with probability 0.5 plasma brightness, x + intensity · (2m - 1) of intensity
    U(0.5, 1); with 0.5 plasma contrast, (x - 0.5) · 4m + 0.5; with 0.5 the channels in another
    order; then one of 12 operations. m is a fractal map in [0, 1] per channel, of roughness
    U(0.3, 0.7). Values are clipped after each.

    Args:
        images: float [B, 1 or 3, H, W] in [0, 1].
    """
    check_float("UEraser", images)
    views = plasma_contrast(plasma_brightness(images.float()))
    views = channel_shuffle(views)
    policy = operations(views.shape[-2:])
    which, signs = draw(len(views), len(policy))
    bins = torch.rand(len(views)) * (BINS - 1)
    return augmented(views, policy, which, bins, signs).to(images.dtype)


def plasma_brightness(images: Tensor) -> Tensor:
    """Half of the images under a cloud that brightens and darkens."""
    intensity = 0.5 + 0.5 * torch.rand(len(images), device=images.device)[:, None, None, None]
    clouded = (images + intensity * (2 * _clouds(images) - 1)).clamp(0, 1)
    return torch.where(_half(images), clouded, images)


def plasma_contrast(images: Tensor) -> Tensor:
    """Half of the images under a cloud that raises and lowers the contrast."""
    clouded = ((images - 0.5) * 4 * _clouds(images) + 0.5).clamp(0, 1)
    return torch.where(_half(images), clouded, images)


def channel_shuffle(images: Tensor) -> Tensor:
    """Half of the images with their channels in a random order."""
    order = torch.rand(images.shape[:2], device=images.device).argsort(1)[:, :, None, None]
    return torch.where(_half(images), images.gather(1, order.expand_as(images)), images)


def operations(size: torch.Size) -> tuple[Operation, ...]:
    """The list of the source, strengths uniform: no identity, no colour."""
    height, width = size
    return (
        Operation(op.autocontrast),
        Operation(op.equalize),
        Operation(op.rotate, 0, 30, signed=True),
        Operation(op.posterize, 4, 0, whole=True),
        Operation(op.solarize, 1, 0),
        Operation(op.contrast, 0, 0.9, signed=True),
        Operation(op.brightness, 0, 0.9, signed=True),
        Operation(op.sharpness, 0, 0.9, signed=True),
        Operation(op.shear_x, 0, 0.3, signed=True),
        Operation(op.shear_y, 0, 0.3, signed=True),
        Operation(op.translate_x, 0, width / 2, signed=True),
        Operation(op.translate_y, 0, height / 2, signed=True),
    )


def _clouds(images: Tensor) -> Tensor:
    roughness = 0.3 + 0.4 * torch.rand(len(images), device=images.device)
    _, channels, height, width = images.shape
    return clouds(channels, height, width, roughness)


def _half(images: Tensor) -> Tensor:
    return torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
