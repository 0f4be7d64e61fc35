"""The honest check: what a network learns from the protected pictures, and from the clean ones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from unlearnable_lightning.augment import JPEG, Grayscale, RandomCropFlip
from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.models import build_model
from unlearnable_lightning.protect.picture import open_picture
from unlearnable_lightning.protect.working import at_size

MOST = 1000
"""Pictures that the check takes: 800 train the six networks in about a minute on two cores. Of
fewer pictures up to 30 networks are trained."""
JPEG_QUALITY = 20
_HELD_OUT = 5  # one picture of so many
_TESTED = 200  # of fewer, chance moves a share by more than 3.5 points: more fifths are held out
_EPOCHS, _LEAST_STEPS, _BATCH, _LR = 20, 300, 32, 0.05

BREAKERS: dict[str, Callable[[Tensor], Tensor]] = {
    "as they are": lambda images: images,
    "made grey": Grayscale(),
    f"saved as JPEG {JPEG_QUALITY}": JPEG(quality=JPEG_QUALITY),
}
"""What is done to the pictures before a network is trained on them."""


@dataclass(frozen=True)
class Checked:
    """Shares of held-out clean pictures that networks recognise.

    Attributes:
        clean: by the word of `BREAKERS`, after training on clean pictures.
        protected: the same after training on protected ones.
        trained_on: how many pictures, each network.
        tested_on: how many other ones, all networks together.
        chance: what guessing the largest class would give.
    """

    clean: dict[str, float]
    protected: dict[str, float]
    trained_on: int
    tested_on: int
    chance: float


def check(
    clean: Tensor, labels: Tensor, files: list[Path], seed: int, say: Callable[[str], None]
) -> Checked:
    """Trains small networks at the working size and tests them on clean pictures.

    Args:
        clean: uint8 [N, 3, s, s], the pictures at the working size.
        labels: int64 [N].
        files: the protected picture of each.
        seed: of the choice of pictures and of the networks.
        say: is told what is done.
    """
    rows = stratified(labels, min(MOST, len(labels)), seed)
    rows, size = rows[_order(labels[rows], seed)], clean.shape[-1]
    clean, labels = clean[rows], labels[rows]
    protected = torch.stack([_read(files[int(row)], size) for row in rows])
    fifth = torch.arange(len(rows)) % _HELD_OUT
    times = min(_HELD_OUT, -(-_TESTED // int((fifth == 0).sum())))
    shares: dict[str, dict[str, float]] = {"clean": {}, "protected": {}}
    tested = fifth < times
    for word, breaker in BREAKERS.items():
        for kind, images in (("clean", clean), ("protected", protected)):
            say(f"check: {_networks(times)} from {kind} pictures {word}")
            hits = torch.zeros(len(rows))
            for held_out in range(times):
                train, test = fifth != held_out, fifth == held_out
                learned = breaker(images[train].float() / 255), labels[train]
                seen = breaker(clean[test].float() / 255), labels[test]
                hits[test] = accuracy(*learned, *seen, seed + held_out)
            shares[kind][word] = float(hits[tested].mean())
    chance = float(labels[tested].bincount().max()) / int(tested.sum())
    trained_on, tested_on = int((fifth != 0).sum()), int(tested.sum())
    return Checked(shares["clean"], shares["protected"], trained_on, tested_on, chance)


def _networks(times: int) -> str:
    return "a network learns" if times == 1 else f"{times} networks learn"


def accuracy(images: Tensor, labels: Tensor, test: Tensor, truth: Tensor, seed: int) -> float:
    """The share of `test` that a network recognises which was trained on `images`.

    Args:
        images: [N, 3, s, s] in [0, 1].
        labels: int64 [N].
        test: [M, 3, s, s] in [0, 1].
        truth: int64 [M].
        seed: of the network.
    """
    classes = int(torch.cat([labels, truth]).max()) + 1
    return _share(_trained(images, labels, classes, seed), test, truth)


def _order(labels: Tensor, seed: int) -> Tensor:
    """Classes one after the other, each shuffled: every fifth is a fifth of each class."""
    shuffled = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    return shuffled[labels[shuffled].argsort(stable=True)]


def _read(path: Path, size: int) -> Tensor:
    return torch.from_numpy(at_size(open_picture(path).pixels, size).copy()).permute(2, 0, 1)


def _trained(images: Tensor, labels: Tensor, classes: int, seed: int) -> torch.nn.Module:
    """A small network after a plain training: crop and flip, SGD, one cycle of the rate."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        size = images.shape[-1]
        network = build_model("cnn_small", num_classes=classes, in_channels=3, image_size=size)
        views = RandomCropFlip(padding=max(1, size // 16))
        sgd = torch.optim.SGD(network.parameters(), _LR, momentum=0.9, weight_decay=5e-4)
        batches = max(1, len(images) // _BATCH)
        epochs = max(_EPOCHS, -(-_LEAST_STEPS // batches))
        cycle = torch.optim.lr_scheduler.OneCycleLR(sgd, _LR, total_steps=epochs * batches)
        for _ in range(epochs):
            for rows in torch.randperm(len(images)).tensor_split(batches):
                loss = F.cross_entropy(network(views(images[rows])), labels[rows])
                sgd.zero_grad()
                loss.backward()
                sgd.step()
                cycle.step()
    return network.eval()


@torch.no_grad()
def _share(network: torch.nn.Module, images: Tensor, labels: Tensor) -> float:
    found = torch.cat([network(batch).argmax(1) for batch in images.split(256)])
    return float((found == labels).double().mean())
