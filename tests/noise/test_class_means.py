"""Class means and distances to them, against loops, on one rank and on two."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
from torch import Tensor

from unlearnable_lightning.attacks.features import Features
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.models import build_model
from unlearnable_lightning.noise import SEP
from unlearnable_lightning.noise.class_means import (
    class_distances,
    mean_square,
    nearest_other,
)
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.training.finite import NonFiniteError

SCRIPT = Path(__file__).with_name("class_means_ranks.py")


def test_distances_are_those_of_a_loop() -> None:
    """Also of features that are large beside their differences."""
    random = torch.Generator().manual_seed(0)
    features, means = (1000 + torch.randn(n, 64, generator=random) for n in (7, 5))
    found = class_distances(features, means)
    for row in range(7):
        for column in range(5):
            expected = ((features[row] - means[column]) ** 2).mean()
            torch.testing.assert_close(found[row, column], expected)
    labels = torch.tensor([0, 4, 2, 1, 3, 0, 2])
    torch.testing.assert_close(
        mean_square(features, means[labels]), found.gather(1, labels[:, None])[:, 0]
    )


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_the_nearest_other_class_is_never_the_own_one(scale: float) -> None:
    """The published code gives the own class the distance 1, which may be the smallest."""
    random = torch.Generator().manual_seed(0)
    means = scale * torch.randn(6, 8, generator=random)
    means[4] = torch.nan  # a class without images
    labels = torch.arange(6).repeat(5)
    features = means.nan_to_num()[labels] + 0.1 * scale * torch.randn(30, 8, generator=random)
    found = nearest_other(features, means, labels)
    for row, label in enumerate(labels.tolist()):
        others = [c for c in range(6) if c not in (label, 4)]
        distances = [((features[row] - means[c]) ** 2).mean().item() for c in others]
        assert found[row] == others[int(np.argmin(distances))]


def by_hand(features: Tensor, labels: Tensor) -> Tensor:
    return torch.stack([features[labels == label].mean(0) for label in range(10)])


def test_a_sweep_knows_the_means_of_every_member_in_eval_mode(shapes: Any, trainer: Any) -> None:
    """Of plain images, whatever the views; BatchNorm's statistics stay as they are. An output more
    than classes has none."""
    L.seed_everything(0)
    seen: list[Tensor] = []
    begin = SEP.begin_sweep

    def watched(self: SEP, sweep: Sweep) -> None:
        before = {name: value.clone() for name, value in self.model.state_dict().items()}
        begin(self, sweep)
        assert self.means is not None
        seen.append(self.means.cpu())
        after = self.model.state_dict()
        assert all(torch.equal(value, after[name]) for name, value in before.items())

    data = shapes()
    made = SEP(
        members=2,
        shift=0,
        features=True,
        num_classes=11,
        model="cnn_small",
        image_size=16,
        steps=2,
        views=["RandomCropFlip"],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SEP, "begin_sweep", watched)
        trainer(max_epochs=2).fit(made, data)
    clean, labels = data.train_set.clean / 255, data.train_set.labels
    (means,) = seen
    assert means.shape[:2] == (2, 11)
    assert means[:, 10].isnan().all()
    for number, epoch in enumerate((1, 2)):
        made.model.load_state_dict(made.members.kept[epoch])
        expected = by_hand(Features(made.model.eval())(clean), labels)
        torch.testing.assert_close(means[number, :10], expected, rtol=1e-4, atol=1e-5)


def test_features_that_are_not_finite_end_the_run(
    shapes: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an earlier member alone; the sign of a gradient that is NaN would be 0."""
    made = SEP(members=2, features=True, model="linear_pil", image_size=16, steps=9)
    keep = made.members.keep

    def spoiled(epoch: int, model: torch.nn.Module) -> None:
        keep(epoch, model)
        if epoch == 1:
            made.members.kept[1]["2.weight"].fill_(torch.nan)

    monkeypatch.setattr(made.members, "keep", spoiled)
    with pytest.raises(NonFiniteError, match="features of a class"):
        trainer(max_epochs=2).fit(made, shapes())
    made = SEP(members=2, model="linear_pil", image_size=16, steps=9)
    keep = made.members.keep
    monkeypatch.setattr(made.members, "keep", spoiled)
    with pytest.raises(NonFiniteError, match="sweep batch 0"):
        trainer("labels", max_epochs=2).fit(made, shapes())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_two_ranks_sum_the_means_of_held_and_of_read_images(tmp_path: Path) -> None:
    """21 images in batches of 4: one rank has one more, and batches are not of one size."""
    images, labels = draw_shapes(21, seed=0, image_size=16)
    np.save(tmp_path / "x_train.npy", images.permute(0, 2, 3, 1).numpy())
    np.save(tmp_path / "y_train.npy", labels.numpy())
    shared = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "GROUP_RANK": "0",
        "TORCHELASTIC_RUN_ID": "test",  # Lightning leaves the processes to whoever set this
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    ranks = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(tmp_path)],
            env=os.environ | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    said = [rank.communicate(timeout=300)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], "\n".join(said)
    model = build_model("cnn_small", num_classes=10, in_channels=3, image_size=16).eval()
    for name in ("HeldDataModule", "NPYDataModule"):
        first, second = (
            torch.load(tmp_path / f"{name}_{rank}.pt", weights_only=True, map_location="cpu")
            for rank in range(2)
        )
        assert torch.equal(first["means"], second["means"]), name
        model.load_state_dict(first["model"])
        with torch.no_grad():
            expected = by_hand(Features(model)(images / 255), labels)
        torch.testing.assert_close(first["means"], expected, rtol=1e-4, atol=1e-5)
