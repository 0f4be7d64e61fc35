"""Training images that are held out for a validation."""

from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning import NPZDataModule, UnlearnableError
from unlearnable_lightning.data.hold_out import hold_out


@pytest.mark.parametrize(("size", "count"), [(0.2, 20), (20, 20), (np.int64(7), 7)])
def test_the_parts_are_the_whole_and_each_class_keeps_its_share(size: Any, count: int) -> None:
    labels = torch.arange(100) % 10
    kept, held = hold_out(labels, size, seed=0)
    assert len(held) == count
    assert torch.cat([kept, held]).sort().values.tolist() == list(range(100))
    if count == 20:
        assert labels[held].bincount().tolist() == [2] * 10
    assert torch.equal(hold_out(labels, size, seed=0)[1], held)
    assert not torch.equal(hold_out(labels, size, seed=1)[1], held)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (100, "poisoned_val_size=100 takes 100 of 100 training images"),
        (0.001, r"poisoned_val_size=0\.001 is none of 100 training images"),
        (95, "leaves no training image of"),
    ],
)
def test_a_split_without_images_is_refused(size: Any, message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        hold_out(torch.arange(100) % 10, size, seed=0)


@pytest.mark.parametrize("size", [-1, 1.0, 1.5, float("nan"), True, "20"])
def test_what_is_no_size_is_refused(size: Any, shapes: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"poisoned_val_size=.*share of the training images"):
        shapes(poisoned_val_size=size)


def test_the_images_are_poisoned_and_keep_their_places(
    shapes: Any, noise_for: Any, tmp_path: Any
) -> None:
    whole = shapes()
    whole.setup("fit")
    noise_for(whole.train_set.source).save(tmp_path / "noise")
    poisoned = shapes(noise=str(tmp_path / "noise"))
    poisoned.setup("fit")
    data = shapes(noise=str(tmp_path / "noise"), poisoned_val_size=30)
    data.setup("fit")
    for part, count in ((data.train_set, 70), (data.poisoned_val_set, 30)):
        assert len(part) == count == len(part.index.unique()) == part.source.shape[0]
        assert torch.equal(part.images, poisoned.train_set.images[part.index])
        assert torch.equal(part.clean, whole.train_set.clean[part.index])
        batch = part.__getitems__([0, 1])
        assert torch.equal(batch["index"], part.index[:2])
    data.save_npz(tmp_path / "all.npz")
    again = NPZDataModule(str(tmp_path / "all.npz"))
    again.setup("fit")
    assert torch.equal(again.train_set.images, poisoned.train_set.images)
