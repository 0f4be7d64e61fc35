"""A victim trained elsewhere, by torchvision alone, on what `protect` wrote."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from protect_call import Call, shapes
from torch import Tensor, nn
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

SIZE = 32
LOADED = v2.Compose(
    [v2.Resize(SIZE), v2.CenterCrop(SIZE), v2.ToImage(), v2.ToDtype(torch.float32, True)]
)


def loaded(root: Path) -> tuple[Tensor, Tensor]:
    data = ImageFolder(str(root), LOADED)
    return torch.stack([image for image, _ in data]), torch.tensor(data.targets)


def accuracy(train: Path, test: Path, epochs: int = 14) -> float:
    torch.manual_seed(1)
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 64)):
        conv = nn.Conv2d(before, after, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    sgd = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)
    images, labels = loaded(train)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(32):
            loss = F.cross_entropy(network(images[rows] - 0.5), labels[rows])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
    images, labels = loaded(test)
    with torch.no_grad():
        return float((network.eval()(images - 0.5).argmax(1) == labels).float().mean())


@pytest.mark.slow
def test_a_victim_trained_elsewhere_falls(tmp_path: Path, call: Call) -> None:
    """84 % and 35 % when it was measured."""
    clean = shapes(tmp_path / "in", 400, 96)
    test = shapes(tmp_path / "test", 200, 96, seed=1)
    options = ("--method", "NoiseGenLightningModule", "--image_size", "32", "--rounds", "6")
    assert call(clean, tmp_path / "out", *options) == 0
    learned, fooled = accuracy(clean, test), accuracy(tmp_path / "out", test)
    assert learned > 0.7
    assert learned - fooled >= 0.3, (learned, fooled)
