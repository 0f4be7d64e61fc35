"""What all data modules share: split, noise, batches, and the way to the device."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import lightning as L
from torch import Tensor, nn
from torch.utils.data import DataLoader

from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.fitness import check_classes, check_shape, warn_of_unfinished
from unlearnable_lightning.data.hold_out import hold_out, parts_of
from unlearnable_lightning.data.loaders import Loaders
from unlearnable_lightning.data.partial import PartialPoisoning
from unlearnable_lightning.data.plan import HasTrainingPlan, TrainingPlan
from unlearnable_lightning.data.save import write_npz
from unlearnable_lightning.data.subset import training_subset
from unlearnable_lightning.data.test_split import clean_parts
from unlearnable_lightning.data.val_size import check_val_size
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release
from unlearnable_lightning.release.formats import read_release
from unlearnable_lightning.rows import AnyRows, whole
from unlearnable_lightning.run import datamodule_of
from unlearnable_lightning.run.quiet import quiet_lightning


class ImageDataModule(L.LightningDataModule, ABC):
    """Labelled images, with or without noise. A source adds its facts and `read`.

    Batches are dicts: `image` float [B, C, H, W] in [0, 1] on the device, `label` int64 [B],
    `index` int64 [B] (place in the data set). Training batches hold the poisoned, augmented
    images; validation and test are clean. After `setup`, `train_set`, `val_set`,
    `poisoned_val_set` and `test_set` hold the images.

    Args:
        noise: noise file to lay on the training images; null trains on clean images.
        noise_format: how a foreign noise file is read: a name of
            `unlearnable_lightning.release.formats`, such as TorchTensor, or an import path, or
            {class_path: …, init_args: {…}}; null for our own files.
        augment: augmentations of the training batches, in the order of application.
        batch_size: images per batch and device; of fewer training images than that a batch holds
            each one once.
        train_subset: how many training images to keep, stratified; null keeps all.
        leave_out: how many training images to leave out: a share or a number, as for `val_size`.
            Those that a `poison_rate` of the same share poisons: its clean part stays. 0 for none.
        val_size: how many test images serve for validation instead: a share in [0, 1), such as
            0.5, or a number of them, such as 500; the thesis takes half. 0 for none.
        seed: of the subset, the images left out, the poisoned images and the validation splits.
        poison_rate: share of the training images that the noise is laid on, in (0, 1], drawn for
            each class alike; the images of 0.2 are among those of 0.4.
        poison_classes: names or numbers of the classes that are poisoned; null for all. With
            `poison_rate`, which is a share of their images then.
        poisoned_val_size: how many of the (poisoned) training images are held out for a validation
            that an attacker could have: a share or a number, as for `val_size`. 0 for none.
        predict_on: whether `predict` goes over the `train` images, poisoned but not augmented, or
            over the `test` images, in order.
    """

    name: str
    class_names: tuple[str, ...]
    in_channels: int
    image_size: ImageSize

    train_set: ImageDataset
    val_set: ImageDataset | None
    poisoned_val_set: ImageDataset | None = None
    test_set: ImageDataset

    def __init__(
        self,
        noise: str | None = None,
        noise_format: dict[str, Any] | str | None = None,
        augment: list[nn.Module] | None = None,
        batch_size: int = 128,
        train_subset: int | None = None,
        leave_out: int | float = 0,
        val_size: int | float = 0.5,
        seed: int = 0,
        poison_rate: float = 1.0,
        poison_classes: list[str | int] | None = None,
        poisoned_val_size: int | float = 0,
        predict_on: Literal["train", "test"] = "train",
    ) -> None:
        super().__init__()
        whole_number("batch_size", batch_size, 1, "a batch holds at least 1 image")
        if train_subset is not None:
            whole_number("train_subset", train_subset, 1, "a subset has at least 1 image")
        check_val_size(leave_out, "leave_out", "training")
        check_val_size(val_size)
        check_val_size(poisoned_val_size, "poisoned_val_size", "training")
        check_seed(seed)
        if predict_on not in ("train", "test"):
            raise UnlearnableError(f"predict_on={predict_on!r}: give train or test.")
        classes = None if poison_classes is None else tuple(poison_classes)
        self.partial = PartialPoisoning(poison_rate, classes, seed)
        self.partial.check_noise(noise)
        self.noise, self.noise_format = noise, noise_format
        self.augment = nn.Sequential(*(augment or []))
        self.batch_size = batch_size
        self.train_subset, self.leave_out = train_subset, leave_out
        self.val_size, self.poisoned_val_size = val_size, poisoned_val_size
        self.seed = seed
        self.predict_on = predict_on
        self._served: ImageDataset | None = None  # in place of the training images, by a defence

    @classmethod
    def of(cls, trainer: Any) -> "ImageDataModule":
        """The data module of a Trainer.

        Raises:
            UnlearnableError: it has none, or one of another library.
        """
        given = datamodule_of(trainer)
        if not isinstance(given, ImageDataModule):
            raise UnlearnableError(
                "images come from a data module of unlearnable_lightning; the Trainer has none. "
                "Pass one, such as trainer.fit(module, CIFAR10DataModule())."
            )
        return given

    @classmethod
    def load_from_checkpoint(cls, *args: Any, **kwargs: Any) -> Any:
        """Refused: no data module keeps anything in a checkpoint, and Lightning would call the
        classes that a stranger's file names there."""
        raise UnlearnableError(
            f"{cls.__name__}.load_from_checkpoint is refused: checkpoints hold no arguments of the "
            f"data. Call {cls.__name__}(…) with those of the run; its config.yaml has them."
        )

    @abstractmethod
    def read(self, split: str) -> tuple[AnyRows, Tensor]:
        """Images uint8 [N, C, H, W] and labels [N] of the split `train` or `test`. Images are a
        tensor, or `rows.Rows` that are read batch by batch."""

    @property
    def num_classes(self) -> int:
        """K, the number of classes."""
        return len(self.class_names)

    @property
    def has_test_images(self) -> bool:
        """Whether `read("test")` gives any; without them a training has no validation."""
        return True

    @property
    def val_names(self) -> tuple[str, ...]:
        """What the loaders of `val_dataloader` hold, in their order: `val` (clean test images),
        `poisoned_val` (training images that were held out)."""
        sizes = {"val": self.val_size, "poisoned_val": self.poisoned_val_size}
        return tuple(name for name, size in sizes.items() if size)

    def setup(self, stage: str | None = None) -> None:
        """Reads what the stage needs, lays the noise on it; twice costs nothing."""
        quiet_lightning()
        predict = stage == "predict"
        self._plan().check_images(self.poisoned_val_size, predict and self.predict_on == "test")
        self._served = None
        training = stage in ("fit", None) or (stage == "validate" and self.poisoned_val_size)
        if (self.predict_on == "train" if predict else training) and not hasattr(self, "train_set"):
            self._read_train()
        if stage == "fit" and not self.val_size and not self.has_test_images:
            self.val_set = None
        elif not (predict and self.predict_on == "train") and not hasattr(self, "test_set"):
            self._read_test()

    def _plan(self) -> TrainingPlan:
        module = self.trainer and self.trainer.lightning_module
        return module.training_plan() if isinstance(module, HasTrainingPlan) else TrainingPlan()

    def clean_train_set(self) -> ImageDataset:
        """All training images (of the subset), without noise, whatever `setup` lays on them."""
        images, labels = self._training_images()
        return ImageDataset(self.name, "train", images, labels, self.class_names)

    def _training_images(self) -> tuple[AnyRows, Tensor]:
        images, labels = self.read("train")
        if self.train_subset is not None:
            rows = training_subset(labels, self.train_subset, self.seed)
            images, labels = images[rows], labels[rows]
        if self.leave_out:
            rows, _ = hold_out(labels, self.leave_out, self.seed, "leave_out")
            images, labels = images[rows], labels[rows]
        return images, labels

    def _read_train(self) -> None:
        images, labels = self._training_images()
        noise = self._read_noise(images, labels)
        train_set = ImageDataset(
            self.name, "train", images, labels, self.class_names, noise, self.partial
        )
        check_shape(f"{self.name}/train", images, self._facts_of_images())
        check_classes(f"{self.name}/train", train_set.labels)
        warn_of_unfinished(self.noise, noise)
        self.train_set, self.poisoned_val_set = parts_of(
            train_set, self.poisoned_val_size, self.seed
        )

    def _read_noise(self, images: AnyRows, labels: Tensor) -> Release | None:
        if self.noise is None:
            return None
        if self.noise_format is None:
            return Release.load(self.noise)
        clean = ImageDataset(self.name, "train", images, labels, self.class_names)
        images = whole(clean.clean)
        return read_release(self.noise, self.noise_format, images, clean.labels, clean.source)

    def _read_test(self) -> None:
        images, labels = self.read("test")
        check_shape(f"{self.name}/test", images, self._facts_of_images())
        self.val_set, self.test_set = clean_parts(
            self.name, images, labels, self.class_names, self.val_size, self.seed
        )

    def _facts_of_images(self) -> tuple[int, int, int]:
        return self.in_channels, *height_and_width(self.image_size)

    def defend(
        self, change: Callable[[Tensor, Tensor], Tensor], rows: Tensor | None = None
    ) -> None:
        """Lets a defence make other training images, for this `fit` alone: the next `setup` forgets
        them. `train_set` stays, and so do validation, test and predict.

        Args:
            change: images uint8 [N, C, H, W] and labels int64 [N] to images as `replaced` takes
                them.
            rows: int64, those that are trained on; None for all.

        Raises:
            UnlearnableError: what it makes are no images of that shape.
        """
        images, labels = whole(self.train_set.images), self.train_set.labels.clone()
        changed = self.train_set.replaced(change(images.clone(), labels))
        self._served = changed if rows is None else changed.part(rows)

    def train_dataloader(self) -> DataLoader[Any]:
        """Shuffled batches, by the plan of the module; one pass from seed 0 if it has none."""
        served = self.train_set if self._served is None else self._served
        return self._loaders().training(served, self._plan())

    def val_dataloader(self) -> DataLoader[Any] | list[DataLoader[Any]]:
        """One loader, or one for each of `val_names`."""
        parts = [part for part in (self.val_set, self.poisoned_val_set) if part is not None]
        loaders = [self._loaders().scored(part) for part in parts]
        return loaders[0] if len(loaders) == 1 else loaders

    def test_dataloader(self) -> DataLoader[Any]:
        """The test images that do not serve for validation, in order."""
        return self._loaders().scored(self.test_set)

    def predict_dataloader(self) -> DataLoader[Any]:
        """The images that `predict_on` names, in order."""
        on_train = self.predict_on == "train"
        return self._loaders().predicted(self.train_set if on_train else self.test_set)

    def _loaders(self) -> Loaders:
        trainer = self.trainer
        if trainer is None:
            return Loaders(self.batch_size)
        return Loaders(self.batch_size, trainer.global_rank, trainer.world_size)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """uint8 until here: a quarter of the bytes travel to the device. What a defence made float
        is in pixels already."""
        if isinstance(batch, Tensor):  # example inputs of to_torchscript and to_onnx
            return batch
        image = batch["image"]
        image = image if image.is_floating_point() else image.float().div_(255)
        if self.trainer is not None and self.trainer.training:
            image = self.augment(image)
        return batch | {"image": image}

    def save_npz(self, path: str | Path) -> None:
        """Writes the images as they are served (poisoned, if there is noise) and the clean test
        images for `NPZDataModule`: x_train, y_train, x_test, y_test; uint8 NHWC.

        Training images that were held out are among the others in their place; validation images
        come before the rest of the test images.
        """
        self.setup()
        train, test = (self.train_set, self.poisoned_val_set), (self.val_set, self.test_set)
        write_npz(
            path,
            [part for part in train if part is not None],
            [part for part in test if part is not None],
        )
