"""A vision transformer for small pictures (Dosovitskiy et al., ICLR 2021, arXiv 2010.11929)."""

from torch import nn
from torchvision.models import VisionTransformer

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models.normalize import Normalize

PATCH = 4


def vit_small(num_classes: int = 10, in_channels: int = 3, image_size: int = 32) -> nn.Sequential:
    """ViT-small (width 384, 12 layers, 6 heads) on patches of 4×4 pixels: 21.3 million parameters.
    It needs a lower rate than the others: lr 0.01, or less, and warmup 0.1.

    Args:
        num_classes: K, the number of logits.
        in_channels: of the images.
        image_size: height and width, a multiple of 4.

    Raises:
        UnlearnableError: `image_size` is no multiple of 4.
    """
    if image_size % PATCH:
        raise UnlearnableError(
            f"vit_small got image_size={image_size}, but its patches have {PATCH}×{PATCH} pixels. "
            f"Give images of a multiple of {PATCH}, or another model."
        )
    network = VisionTransformer(image_size, PATCH, 12, 6, 384, 1536, num_classes=num_classes)
    network.conv_proj = nn.Conv2d(in_channels, 384, PATCH, PATCH)
    head = network.heads[-1]
    nn.init.trunc_normal_(
        head.weight, std=0.02
    )  # torchvision's 0 lets no gradient through at first
    return nn.Sequential(Normalize(), network)
