"""UEraser: the worst of K per image in one forward, and its clouds."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.augment.plasma import clouds
from unlearnable_lightning.augment.ueraser_views import (
    channel_shuffle,
    operations,
    plasma_brightness,
    plasma_contrast,
    ueraser_views,
)
from unlearnable_lightning.defences import UEraser, Victim
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models import cnn_small


class Watched(nn.Module):
    """Keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.seen = cnn_small(), list[Tensor]()

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append(images)
        logits: Tensor = self.model(images)
        return logits


def batch(count: int = 12) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, 3, 16, 16, generator=generator), torch.eye(10)[
        torch.arange(count) % 10
    ]


def run(defence: UEraser, epoch: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Loss, logits, and the losses [K, B] and logits [K, B, 10] of all views."""
    model, (images, targets) = Watched(), batch()
    torch.manual_seed(1)
    loss, logits = defence.loss(Victim(model, lambda: model, epoch), images, targets)
    (views,) = model.seen  # one forward
    copies = len(views) // len(images)
    # in train mode BatchNorm goes by the batch: the same logits again
    every = model.model(views).view(copies, len(images), -1)
    losses = torch.stack([cross_entropy(each, targets, reduction="none") for each in every])
    return loss, logits, losses, every


def test_the_loss_is_the_worst_view_of_each_image_in_one_forward() -> None:
    loss, logits, losses, every = run(UEraser(copies=5))
    assert losses.shape == (5, 12)
    worst, which = losses.max(0)
    assert loss.item() == pytest.approx(worst.mean().item(), rel=1e-5)
    assert loss > losses.mean()
    expected = torch.stack([every[which[row], row] for row in range(12)])
    torch.testing.assert_close(logits, expected)
    assert len(which.unique()) > 1


def test_one_copy_is_plain_cross_entropy_on_augmented_images() -> None:
    loss, _, losses, _ = run(UEraser(copies=1))
    assert losses.shape == (1, 12)
    assert loss.item() == pytest.approx(losses.mean().item(), rel=1e-5)


def test_the_standard_one_takes_one_view_after_its_epochs() -> None:
    for epoch, copies in ((0, 5), (49, 5), (50, 1), (51, 1)):
        assert len(run(UEraser(copies=5, epochs=50), epoch)[2]) == copies


def test_a_training_tells_the_defence_its_epoch(classifier: Any, shapes: Any, trainer: Any) -> None:
    sizes: list[int] = []
    spec = {"class_path": "UEraser", "init_args": {"copies": 3, "epochs": 1}}
    module = classifier(defences=[spec], test_attacks=[])
    module.model[1].register_forward_hook(
        lambda layer, args, __: sizes.append(len(args[0])) if layer.training else None
    )
    trainer(max_epochs=2, limit_train_batches=1, num_sanity_val_steps=0).fit(module, shapes())
    assert sizes == [96, 32]


def test_views_stay_in_range_and_jpeg_makes_them_8_bit() -> None:
    images, _ = batch(64)
    torch.manual_seed(0)
    views = ueraser_views(images)
    assert views.shape == images.shape
    assert 0 <= views.min() < views.max() <= 1
    assert len(views.flatten(1).unique(dim=0)) > 60
    model = Watched()
    UEraser(copies=1, jpeg=10).loss(Victim(model, lambda: model), *batch())
    levels = model.seen[0] * 255
    torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)


def test_clouds_are_rough_by_their_roughness_and_fill_the_range() -> None:
    torch.manual_seed(0)
    maps = clouds(3, 20, 32, torch.tensor([0.05, 0.7]).repeat(50))
    assert maps.shape == (100, 3, 20, 32)
    assert 0 <= maps.min() < 0.05
    assert 0.95 < maps.max() <= 1
    steps = (maps[..., 1:] - maps[..., :-1]).abs().mean((1, 2, 3))
    assert steps[1::2].min() > steps[::2].max()


def test_a_cloud_without_roughness_is_the_bilinear_map_of_its_corners() -> None:
    """Every new node is then the mean of its neighbours, which is exact on the first doubling."""
    torch.manual_seed(0)
    maps = clouds(1, 3, 3, torch.tensor([1e-9]))[0, 0]
    corners = maps[::2, ::2]
    assert maps[1, 1].item() == pytest.approx(corners.mean().item())
    assert maps[0, 1].item() == pytest.approx(((corners[0].sum() + maps[1, 1]) / 3).item())


def test_half_of_the_images_are_changed_by_each_step_and_a_shuffle_keeps_all_values() -> None:
    torch.manual_seed(0)
    images = torch.rand(1, 3, 8, 8).repeat(600, 1, 1, 1)
    for step, share in (
        (plasma_brightness, 0.5),
        (plasma_contrast, 0.5),
        (channel_shuffle, 5 / 12),
    ):
        changed = (step(images) != images).flatten(1).any(1).float().mean().item()
        assert changed == pytest.approx(share, abs=0.06), step
    assert torch.equal(channel_shuffle(images).sort(1).values, images.sort(1).values)


def test_the_operations_are_the_twelve_of_the_source() -> None:
    names = {each.apply.__name__ for each in operations(torch.Size((32, 32)))}
    assert len(names) == 12
    assert not names & {"identity", "color"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [({"copies": 0}, "copies=0"), ({"epochs": -1}, "epochs=-1"), ({"jpeg": 101}, "quality=101")],
)
def test_bad_arguments_are_refused(bad: dict[str, int], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        UEraser(**bad)
