"""What all data modules share: split, noise, batches, and the way to the device."""

import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.overrides.distributed import UnrepeatedDistributedSampler
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn
from torch.utils.data import DataLoader, DistributedSampler

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.sampler import EpochSampler
from unlearnable_lightning.data.seed import check_seed
from unlearnable_lightning.data.subset import stratified, training_subset
from unlearnable_lightning.data.val_size import check_val_size, count_of
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.release import Release


class ImageDataModule(L.LightningDataModule, ABC):
    """Labelled images in memory, with or without noise. A source adds its facts and `read`.

    Batches are dicts: `image` float [B, C, H, W] in [0, 1] on the device, `label` int64 [B],
    `index` int64 [B] (place in the data set). Training batches hold the poisoned, augmented
    images; validation and test are clean; predict goes over the training images in order, poisoned
    but not augmented. After `setup`, `train_set`, `val_set` and `test_set` hold the images.

    Args:
        noise: noise file to lay on the training images; null trains on clean images.
        augment: augmentations of the training batches, in the order of application.
        batch_size: images per batch and device; of fewer training images than that a batch holds
            each one once.
        train_subset: how many training images to keep, stratified; null keeps all.
        val_size: how many test images serve for validation instead: a share in [0, 1), such as
            0.5, or a number of them, such as 500; the thesis takes half. 0 for none.
        seed: of the subset and of the validation split.
    """

    name: str
    class_names: tuple[str, ...]
    in_channels: int
    image_size: int

    train_set: ImageDataset
    val_set: ImageDataset | None
    test_set: ImageDataset

    def __init__(
        self,
        noise: str | None = None,
        augment: list[nn.Module] | None = None,
        batch_size: int = 128,
        train_subset: int | None = None,
        val_size: int | float = 0.5,
        seed: int = 0,
    ) -> None:
        super().__init__()
        whole_number("batch_size", batch_size, 1, "a batch holds at least 1 image")
        if train_subset is not None:
            whole_number("train_subset", train_subset, 1, "a subset has at least 1 image")
        check_val_size(val_size)
        check_seed(seed)
        self.noise = noise
        self.augment = nn.Sequential(*(augment or []))
        self.batch_size = batch_size
        self.train_subset = train_subset
        self.val_size = val_size
        self.seed = seed

    @classmethod
    def load_from_checkpoint(cls, *args: Any, **kwargs: Any) -> Any:
        """Refused: no data module keeps anything in a checkpoint, and Lightning would call the
        classes that a stranger's file names there."""
        raise UnlearnableError(
            f"{cls.__name__}.load_from_checkpoint is refused: checkpoints hold no arguments of the "
            f"data. Call {cls.__name__}(…) with those of the run; its config.yaml has them."
        )

    @abstractmethod
    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """Images uint8 [N, C, H, W] and labels [N] of the split `train` or `test`."""

    @property
    def num_classes(self) -> int:
        """K, the number of classes."""
        return len(self.class_names)

    @property
    def has_test_images(self) -> bool:
        """Whether `read("test")` gives any; without them a training has no validation."""
        return True

    def setup(self, stage: str | None = None) -> None:
        """Reads what the stage needs, lays the noise on it; twice costs nothing."""
        # whole batches come out of memory: workers would only copy them between processes
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        if stage in ("fit", "predict", None) and not hasattr(self, "train_set"):
            self._read_train()
        if stage == "fit" and not self.val_size and not self.has_test_images:
            self.val_set = None
        elif stage != "predict" and not hasattr(self, "test_set"):
            self._read_test()

    def _read_train(self) -> None:
        noise = None if self.noise is None else Release.load(self.noise)
        images, labels = self.read("train")
        if self.train_subset is not None:
            rows = training_subset(labels, self.train_subset, self.seed)
            images, labels = images[rows], labels[rows]
        train_set = ImageDataset(self.name, "train", images, labels, self.class_names, noise)
        self._check_shape("train", images)
        if len(train_set.labels.unique()) == 1:
            raise UnlearnableError(
                f"{self.name}/train: all {len(train_set)} images have the label "
                f"{int(train_set.labels[0])}. With one class there is nothing to learn and nothing "
                "to make unlearnable; give images of at least 2 classes."
            )
        if noise is not None and not noise.finished:
            rounds = noise.made_by.get("rounds", 0)
            rank_zero_warn(
                f"noise={self.noise} is unfinished: its run was interrupted after {rounds} whole "
                "rounds, so it protects less than it would. Resume that run from its "
                "checkpoints/last.ckpt and train on what it makes then, or take the numbers of "
                "this training for noise in the making."
            )
        self.train_set = train_set

    def _read_test(self) -> None:
        images, labels = self.read("test")
        self._check_shape("test", images)
        count = count_of(self.val_size, len(images))
        self.val_set, rest = None, torch.ones(len(images), dtype=torch.bool)
        if count:
            rows = stratified(labels, count, self.seed)
            rest[rows] = False
            self.val_set = self._clean_set("val", images[rows], labels[rows])
        self.test_set = self._clean_set("test", images[rest], labels[rest])

    def _clean_set(self, split: str, images: Tensor, labels: Tensor) -> ImageDataset:
        return ImageDataset(self.name, split, images, labels, self.class_names)

    def _check_shape(self, split: str, images: Tensor) -> None:
        """One model takes training and test images."""
        here, facts = tuple(images.shape[1:]), (self.in_channels, self.image_size, self.image_size)
        if here != facts:
            raise UnlearnableError(
                f"{self.name}/{split}: images have C×H×W {here}, where training images have "
                f"{facts}. Make them alike: a grey image becomes a colour image by "
                "repeating its channel, another size by resizing."
            )

    def train_dataloader(self) -> DataLoader:
        """Shuffled batches: `batches_per_epoch` of them, in an order drawn from `seed`, if the
        module has these attributes; else one pass, from seed 0."""
        trainer = self.trainer
        module = trainer and trainer.lightning_module
        ranks = trainer.world_size if trainer else 1
        # `batches_per_epoch` of more than all images would hold images twice, for twice the time
        batch_size = min(self.batch_size, -(-len(self.train_set) // ranks))
        sampler = EpochSampler(
            self.train_set,
            batch_size,
            getattr(module, "batches_per_epoch", None),
            trainer.global_rank if trainer else 0,
            ranks,
            getattr(module, "seed", None) or 0,
        )
        return self._loader(self.train_set, sampler, batch_size)

    def val_dataloader(self) -> DataLoader | list[DataLoader]:
        return [] if self.val_set is None else self._scored(self.val_set)

    def test_dataloader(self) -> DataLoader:
        return self._scored(self.test_set)

    def predict_dataloader(self) -> DataLoader:
        return self._loader(self.train_set)

    def _scored(self, dataset: ImageDataset) -> DataLoader:
        """In order; on several devices each image on one of them, so that none counts twice."""
        if self.trainer is None or self.trainer.world_size == 1:
            return self._loader(dataset)
        ranks = {"num_replicas": self.trainer.world_size, "rank": self.trainer.global_rank}
        return self._loader(dataset, UnrepeatedDistributedSampler(dataset, shuffle=False, **ranks))

    def _loader(
        self,
        dataset: ImageDataset,
        sampler: DistributedSampler | None = None,
        batch_size: int | None = None,
    ) -> DataLoader:
        return DataLoader(
            dataset,
            batch_size=batch_size
            or self.batch_size,  # by name: for predict the Trainer makes the loader anew
            sampler=sampler,
            collate_fn=_as_served,
            pin_memory=torch.cuda.is_available(),
            generator=torch.Generator(),  # an iterator draws a seed; not from the run's stream
        )

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """uint8 until here: a quarter of the bytes travel to the device."""
        if isinstance(batch, Tensor):  # example inputs of to_torchscript and to_onnx
            return batch
        image = batch["image"].float().div_(255)
        if self.trainer is not None and self.trainer.training:
            image = self.augment(image)
        return batch | {"image": image}

    def save_npz(self, path: str | Path) -> None:
        """Writes the images as they are served (poisoned, if there is noise) and the clean test
        images for `NPZDataModule`: x_train, y_train, x_test, y_test; uint8 NHWC.

        Validation images come before the rest of the test images.
        """
        self.setup()
        held_out = [part for part in (self.val_set, self.test_set) if part is not None]
        with replacing(path) as file:
            np.savez_compressed(
                file,
                x_train=_nhwc([self.train_set]),
                y_train=self.train_set.labels.numpy(),
                x_test=_nhwc(held_out),
                y_test=torch.cat([part.labels for part in held_out]).numpy(),
            )


def _nhwc(parts: list[ImageDataset]) -> np.ndarray:
    return torch.cat([part.images for part in parts]).permute(0, 2, 3, 1).numpy()


def _as_served(batch: Any) -> Any:
    return batch
