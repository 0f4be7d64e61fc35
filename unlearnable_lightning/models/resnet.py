"""Residual networks for small pictures (He et al., "Deep Residual Learning", Section 4.2)."""

from collections.abc import Sequence

from torch import Tensor, nn

from unlearnable_lightning.models.normalize import Normalize


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut (1×1 where the shape changes)."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Features [B, channels, H / stride, W / stride] of features [B, channels_in, H, W]."""
        out = self.relu(self.bn1(self.conv1(x)))
        summed: Tensor = self.relu(self.bn2(self.conv2(out)) + self.shortcut(x))
        return summed


class ResNet(nn.Sequential):
    """Normalize, a 3×3 stem without pooling, stages of basic blocks, average pooling, linear.

    Args:
        num_classes: K, the number of logits.
        in_channels: 1 or 3.
        stem: channels after the first convolution.
        channels: of each stage.
        blocks: in each stage.
        strides: of each stage's first block.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        stem: int,
        channels: Sequence[int],
        blocks: Sequence[int],
        strides: Sequence[int],
    ) -> None:
        layers: list[nn.Module] = [
            Normalize(),
            nn.Conv2d(in_channels, stem, 3, padding=1, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(inplace=True),
        ]
        before = stem
        for width, count, stride in zip(channels, blocks, strides, strict=True):
            for block in range(count):
                layers.append(BasicBlock(before, width, stride if block == 0 else 1))
                before = width
        super().__init__(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, num_classes)
        )


def resnet18(num_classes: int = 10, in_channels: int = 3) -> ResNet:
    """ResNet-18 with the 3×3 stem of the CIFAR literature: 11.2 million parameters."""
    return ResNet(num_classes, in_channels, 64, (64, 128, 256, 512), (2, 2, 2, 2), (1, 2, 2, 2))


def resnet_small(num_classes: int = 10, in_channels: int = 3) -> ResNet:
    """A small ResNet for two CPU cores: 16 channels at full size, one block each of 32 and 64
    channels at a half and a quarter of it, 73 000 parameters."""
    return ResNet(num_classes, in_channels, 16, (32, 64), (1, 1), (2, 2))
