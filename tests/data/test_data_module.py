"""What all data modules share, on drawn shapes."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.data import ImageDataModule, NPZDataModule, ShapesDataModule
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import NoiseMismatchError, Release, poison


def shapes(**kwargs: Any) -> ShapesDataModule:
    defaults = {"train_size": 40, "test_size": 30, "image_size": 8, "batch_size": 16}
    return ShapesDataModule(**defaults | kwargs)


def ready(data: ShapesDataModule) -> ShapesDataModule:
    data.setup()
    return data


@pytest.mark.parametrize(
    ("val_size", "count"),
    [(0.5, 15), (0.1, 3), (0.99, None), (12, 12), (1, 1), (29, 29), (np.int64(7), 7)],
)
def test_validation_images_are_split_off_the_test_images(
    val_size: float, count: int | None
) -> None:
    if count is None:
        with pytest.raises(UnlearnableError, match=r"val_size=0\.99 takes 30 of 30"):
            ready(shapes(val_size=val_size))
        return
    whole = ready(shapes(val_size=0)).test_set.images
    data = ready(shapes(val_size=val_size))
    assert data.val_set is not None
    assert (len(data.val_set), len(data.test_set)) == (count, 30 - count)
    together = torch.cat([data.val_set.images, data.test_set.images]).flatten(1)
    assert torch.equal(together.unique(dim=0), whole.flatten(1).unique(dim=0))
    assert len(together.unique(dim=0)) == 30


def test_validation_split_is_stratified_and_depends_on_the_seed() -> None:
    first, again, other = (ready(shapes(seed=seed)).val_set for seed in (0, 0, 1))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.labels.bincount(minlength=10).max() <= 2
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, other.images)


def test_without_validation_images_there_is_no_validation() -> None:
    data = ready(shapes(val_size=0))
    assert data.val_set is None
    assert data.val_dataloader() == []
    assert len(data.test_set) == 30


@pytest.mark.parametrize("val_size", [30, 31, 1000])
def test_validation_that_leaves_no_test_is_refused(val_size: int) -> None:
    with pytest.raises(UnlearnableError, match=f"val_size={val_size} takes {val_size} of 30"):
        ready(shapes(val_size=val_size))


def test_a_share_that_is_no_image_is_refused() -> None:
    with pytest.raises(UnlearnableError, match=r"val_size=0\.01 is none of 30"):
        ready(shapes(val_size=0.01))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("val_size", value) for value in (1.0, 1.7, 29.0, math.nan, math.inf, -0.5, -1, True)),
        ("val_size", "0.5"),
        *(("leave_out", value) for value in (1.0, -0.2, -1, math.nan, True, "0.2")),
        ("val_size", None),
        *(("batch_size", value) for value in (0, -1, 2.0, True, "16")),
        *(("train_subset", value) for value in (0, -1, 20.0, 0.5, True)),
        *(("seed", value) for value in (0.5, True, 2**64, -(2**63) - 1)),
        *(("train_size", value) for value in (0, -1, 9, 40.0)),
        *(("test_size", value) for value in (0, -1, 30.0)),
        *(("image_size", value) for value in (0, -8, 8.0)),
    ],
)
def test_sizes_that_mean_nothing_are_refused_at_once(name: str, value: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"{name}={value!r}"):
        shapes(**{name: value})


@pytest.mark.parametrize("seed", [-1, -(2**63), 2**64 - 1])
def test_every_seed_of_pytorch_is_one_here(seed: int) -> None:
    data, module = ready(shapes(seed=seed, train_subset=20)), Recorder()
    module.seed = 2**64 - 1  # what torch.manual_seed(-1) leaves in torch.initial_seed()
    trainer(epochs=2).fit(module, data)
    assert len(module.gathered("fit", "index")) == 40


def test_train_subset_is_a_stratified_part_that_depends_on_the_seed() -> None:
    whole = ready(shapes()).train_set
    part, other = (ready(shapes(train_subset=20, seed=seed)).train_set for seed in (0, 1))
    assert part.labels.bincount().tolist() == [2] * 10
    rows = {row.numpy().tobytes() for row in whole.images}
    assert all(row.numpy().tobytes() in rows for row in part.images)
    assert not torch.equal(part.images, other.images)
    assert part.source != whole.source


def test_train_subset_larger_than_the_data_is_refused() -> None:
    with pytest.raises(UnlearnableError, match=r"subset of 41 images.*at most 40"):
        ready(shapes(train_subset=41))


def test_a_subset_without_a_class_is_refused() -> None:
    with pytest.raises(UnlearnableError, match="train_subset=9 leaves no image of 1 of 10"):
        ready(shapes(train_subset=9))
    assert ready(shapes(train_subset=10)).train_set.labels.unique().tolist() == list(range(10))


def test_images_of_one_class_are_refused() -> None:
    class OneClass(ShapesDataModule):
        def read(self, split: str) -> tuple[Tensor, Tensor]:
            images, labels = super().read(split)
            return images, torch.full_like(labels, 3)

    with pytest.raises(UnlearnableError, match=r"all 40 images have the label 3.*at least 2"):
        OneClass(train_size=40).setup("fit")


@pytest.mark.parametrize("split", ["train", "test"])
def test_images_of_another_shape_than_the_facts_are_refused(split: str) -> None:
    class Grey(ShapesDataModule):
        def read(self, here: str) -> tuple[Tensor, Tensor]:
            images, labels = super().read(here)
            return images[:, :1] if here == split else images, labels

    with pytest.raises(UnlearnableError, match=rf"{split}.*\(1, 8, 8\).*\(3, 8, 8\)"):
        Grey(train_size=40, test_size=30, image_size=8).setup()


def test_num_classes_counts_the_names() -> None:
    assert shapes().num_classes == 10


def test_setup_reads_what_the_stage_needs_and_once() -> None:
    data = shapes()
    read: list[str] = []
    plain = data.read

    def counted(split: str) -> tuple[Tensor, Tensor]:
        read.append(split)
        return plain(split)

    data.read = counted
    data.setup("predict")
    assert read == ["train"]
    data.setup("test")
    assert read == ["train", "test"]
    data.setup("fit")
    data.setup("validate")
    data.setup()
    assert read == ["train", "test"]


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_noise_lies_on_the_training_images_alone(
    noise_for: Callable[..., Release], kind: str, tmp_path: Path
) -> None:
    clean = ready(shapes(train_subset=30))
    noise = noise_for(clean.train_set.source, kind)
    noise.save(tmp_path / "noise")
    data = ready(shapes(train_subset=30, noise=str(tmp_path / "noise")))
    expected = poison(clean.train_set.images, clean.train_set.labels, noise)
    assert torch.equal(data.train_set.images, expected)
    assert torch.equal(data.test_set.images, clean.test_set.images)
    assert data.val_set is not None
    assert clean.val_set is not None
    assert torch.equal(data.val_set.images, clean.val_set.images)


def test_unfinished_noise_warns_once(
    noise_for: Callable[..., Release], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    whole = noise_for(ready(shapes()).train_set.source)
    whole.save(tmp_path / "whole")
    ready(shapes(noise=str(tmp_path / "whole")))
    assert not recwarn.list
    broken = whole.made_by | {"finished": False}
    dataclasses.replace(whole, made_by=broken).save(tmp_path / "broken")
    data = shapes(noise=str(tmp_path / "broken"))
    for stage in ("fit", "validate", "test", None):
        data.setup(stage)
    (warning,) = recwarn.list
    assert "broken is unfinished" in str(warning.message)
    assert "3 whole rounds" in str(warning.message)
    assert "Resume that run" in str(warning.message)


@pytest.mark.parametrize(
    ("here", "message"),
    [
        ({"train_subset": 20, "seed": 1}, "another subset, seed or order"),
        ({"train_subset": 30}, "images 20 there, 30 here"),
        ({}, "images 20 there, 40 here"),
        ({"train_subset": 20, "image_size": 10}, r"image shape \(3, 8, 8\) there, \(3, 10, 10\)"),
    ],
)
def test_noise_for_another_subset_is_refused(
    noise_for: Callable[..., Release], tmp_path: Path, here: dict[str, Any], message: str
) -> None:
    noise_for(ready(shapes(train_subset=20)).train_set.source).save(tmp_path / "noise")
    with pytest.raises(NoiseMismatchError, match=message):
        ready(shapes(**here, noise=str(tmp_path / "noise")))


class Invert(nn.Module):
    """An augmentation that is easily seen."""

    def forward(self, images: Tensor) -> Tensor:
        return 1 - images


@pytest.mark.parametrize("training", [False, True])
def test_batches_become_floats_and_are_augmented_in_training_alone(training: bool) -> None:
    data = shapes(augment=[Invert()])
    data.trainer = SimpleNamespace(training=training)
    grey = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    batch = {"image": grey, "label": torch.tensor([3]), "index": torch.tensor([7])}
    out = data.on_after_batch_transfer(batch, 0)
    plain = torch.arange(256).view(1, 1, 16, 16) / 255
    assert out["image"].dtype == torch.float32
    assert torch.equal(out["image"], 1 - plain if training else plain)
    assert out["label"] is batch["label"]
    assert out["index"] is batch["index"]
    assert batch["image"].dtype == torch.uint8


def test_augmentations_are_applied_in_their_order() -> None:
    class Halve(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images / 2

    data = shapes(augment=[Halve(), Invert()])
    data.trainer = SimpleNamespace(training=True)
    white = torch.full((1, 1, 2, 2), 255, dtype=torch.uint8)
    assert data.on_after_batch_transfer({"image": white}, 0)["image"].unique().tolist() == [0.5]


class Recorder(L.LightningModule):
    """Keeps the batches that reach a module."""

    def __init__(self, batches: int | None = None) -> None:
        super().__init__()
        self.plan = TrainingPlan(batches)
        self.weight = nn.Parameter(torch.zeros(1))
        self.seen: dict[str, list[dict[str, Tensor]]] = {"fit": [], "val": [], "test": []}

    def training_plan(self) -> TrainingPlan:
        return self.plan

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        self.seen["fit"].append(batch | {"epoch": torch.tensor(self.current_epoch)})
        return self.weight.sum()

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        self.seen["val"].append(batch)

    def test_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        self.seen["test"].append(batch)

    def predict_step(self, batch: dict[str, Tensor], batch_idx: int) -> dict[str, Tensor]:
        return batch

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def gathered(self, stage: str, key: str) -> Tensor:
        return torch.cat([batch[key] for batch in self.seen[stage]])


def trainer(epochs: int = 1) -> L.Trainer:
    return L.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def test_trainer_sees_augmented_poison_and_clean_held_out_images(
    noise_for: Callable[..., Release], tmp_path: Path
) -> None:
    noise_for(ready(shapes()).train_set.source).save(tmp_path / "noise")
    data = shapes(augment=[Invert()], noise=str(tmp_path / "noise"))
    module, runner = Recorder(), trainer()
    runner.fit(module, data)
    assert data.val_set is not None
    rows = module.gathered("fit", "index")
    assert sorted(rows.tolist()) == list(range(40))
    assert torch.equal(module.gathered("fit", "image"), 1 - data.train_set.images[rows] / 255)
    assert torch.equal(module.gathered("fit", "label"), data.train_set.labels[rows])
    module.seen["val"].clear()  # the sanity check came before
    runner.validate(module, data, verbose=False)
    assert torch.equal(module.gathered("val", "image"), data.val_set.images / 255)
    runner.test(module, data, verbose=False)
    assert torch.equal(module.gathered("test", "image"), data.test_set.images / 255)


def test_validation_within_fit_is_not_augmented() -> None:
    data, module = shapes(augment=[Invert()]), Recorder()
    trainer().fit(module, data)
    assert data.val_set is not None
    assert torch.equal(module.gathered("val", "image")[-15:], data.val_set.images / 255)


def test_predict_goes_over_the_poisoned_images_in_order(
    noise_for: Callable[..., Release], tmp_path: Path
) -> None:
    noise_for(ready(shapes()).train_set.source).save(tmp_path / "noise")
    data = shapes(augment=[Invert()], noise=str(tmp_path / "noise"))
    batches: Any = trainer().predict(Recorder(), data)
    assert torch.cat([batch["index"] for batch in batches]).tolist() == list(range(40))
    assert torch.equal(
        torch.cat([batch["image"] for batch in batches]), data.train_set.images / 255
    )


def test_epochs_are_shuffled_anew_and_have_the_batches_that_the_module_asks_for() -> None:
    data, module = shapes(), Recorder(batches=2)
    trainer(epochs=3).fit(module, data)
    epochs = [
        tuple(torch.cat([b["index"] for b in module.seen["fit"] if b["epoch"] == e]).tolist())
        for e in range(3)
    ]
    assert [len(epoch) for epoch in epochs] == [32, 32, 32]
    assert len(set(epochs)) == 3


@pytest.mark.parametrize(("batch_size", "served"), [(7, 7), (40, 40), (41, 40), (1000, 40)])
def test_a_batch_holds_no_image_twice(batch_size: int, served: int) -> None:
    data, module = shapes(batch_size=batch_size), Recorder(batches=3)
    trainer().fit(module, data)
    assert [len(batch["index"].unique()) for batch in module.seen["fit"]] == [served] * 3
    assert len(module.gathered("fit", "index")) == 3 * served


def test_devices_share_a_batch_that_is_larger_than_the_data() -> None:
    parts = []
    for rank in (0, 1):
        data, module = ready(shapes(batch_size=1000)), Recorder(batches=2)
        data.trainer = SimpleNamespace(lightning_module=module, global_rank=rank, world_size=2)
        parts.append([batch["index"] for batch in data.train_dataloader()])
    for batches in zip(*parts, strict=True):
        assert sorted(torch.cat(batches).tolist()) == list(range(40))


def test_order_of_training_follows_the_seed_of_the_module() -> None:
    def order(seed: int) -> list[int]:
        data, module = ready(shapes()), Recorder()
        module.plan = TrainingPlan(seed=seed)
        data.trainer = SimpleNamespace(lightning_module=module, global_rank=0, world_size=1)
        return list(data.train_dataloader().sampler)

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_two_devices_share_an_epoch() -> None:
    parts = []
    for rank in (0, 1):
        data = ready(shapes())
        data.trainer = SimpleNamespace(lightning_module=Recorder(), global_rank=rank, world_size=2)
        parts.append([batch["index"] for batch in data.train_dataloader()])
    assert [len(index) for index in parts[0]] == [16, 4]
    together = torch.cat([torch.cat(part) for part in parts])
    assert sorted(together.tolist()) == list(range(40))


@pytest.mark.parametrize("val_size", [0, 0.5])
@pytest.mark.parametrize("poisoned", [False, True])
def test_saved_archive_is_read_back(
    noise_for: Callable[..., Release], tmp_path: Path, val_size: float, poisoned: bool
) -> None:
    noise = None
    if poisoned:
        noise_for(ready(shapes()).train_set.source).save(tmp_path / "noise")
        noise = str(tmp_path / "noise")
    data = shapes(noise=noise, val_size=val_size)
    data.save_npz(tmp_path / "shapes.npz")
    again = NPZDataModule(str(tmp_path / "shapes.npz"), val_size=0)
    again.setup()
    assert torch.equal(again.train_set.images, data.train_set.images)
    assert torch.equal(again.train_set.labels, data.train_set.labels)
    held_out = [part for part in (data.val_set, data.test_set) if part is not None]
    assert torch.equal(again.test_set.images, torch.cat([part.images for part in held_out]))
    assert torch.equal(again.test_set.labels, torch.cat([part.labels for part in held_out]))
    assert (again.num_classes, again.in_channels, again.image_size) == (10, 3, 8)


def test_source_needs_its_facts_and_read_and_nothing_else() -> None:
    class Dots(ImageDataModule):
        name, class_names, in_channels, image_size = "dots", ("black", "white"), 1, 2

        def read(self, split: str) -> tuple[Tensor, Tensor]:
            labels = torch.arange(8) % 2
            return (255 * labels.view(8, 1, 1, 1).expand(8, 1, 2, 2)).to(torch.uint8), labels

    data, module = Dots(batch_size=8), Recorder()
    trainer().fit(module, data)
    assert torch.equal(
        module.gathered("fit", "image").mean((1, 2, 3)), module.gathered("fit", "label").float()
    )
