"""The driver of methods that need no surrogate: one pure function over all images."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.trainer.states import TrainerFn
from lightning.pytorch.utilities import rank_zero_info
from torch import Generator, Tensor, nn

from unlearnable_lightning.by_name import accepted
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.clean_images import refuse_noise
from unlearnable_lightning.noise.order import canonical_order
from unlearnable_lightning.noise.poisoned_writer import PoisonedWriter, published
from unlearnable_lightning.noise.release_files import write_release
from unlearnable_lightning.noise.views import Views
from unlearnable_lightning.release import Bound, Release, release_of_images
from unlearnable_lightning.rows import whole
from unlearnable_lightning.run import (
    RunLock,
    class_path,
    make_safe,
    missing_callbacks,
    plain_hparams,
    quiet_lightning,
    refuse_earlier_run,
    run_folder,
    shared_seed,
    versions,
)


class ClosedForm(L.LightningModule, ABC):
    """Makes a release in one step. A child gives `make`, and says `kind` and `bound`.

    `fit` reads the training images, calls `make` once and writes the release and its picture; there
    is no surrogate, no round and no checkpoint. `make` sees the images in an order that depends on
    their content alone, so that permuting the images with their labels permutes the noise.

    Attributes:
        kind: `samplewise` or `classwise`; what `make` gives rows for.
        bound: what holds for the differences; None for no bound.
        scales: whether the noise, enlarged with a picture and made small again with it, is still
            what the method means.
    """

    kind: ClassVar[str] = "samplewise"
    scales: ClassVar[bool] = True
    bound: Bound | None = None
    named: ClassVar[dict[str, str | None]] = {}
    fixed: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.save_hyperparameters()
        # DistributedDataParallel of torch 2.14 refuses a module that has no parameter
        self.unused = nn.Parameter(torch.zeros(()))
        self.made: Release | None = None
        self.path: Path | None = None

    @abstractmethod
    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """The method itself.

        Args:
            images: uint8 [N, C, H, W].
            labels: int64 [N].
            classes: K; a class may lack images.
            generator: of all random draws, on the CPU.

        Returns:
            Poisoned images, uint8 [N, C, H, W], or differences in grey levels, int8 or int16:
            [N, C, H, W] if `kind` is samplewise, [K, C, H, W] if it is classwise.
        """

    def training_plan(self) -> TrainingPlan:
        """All images, in no batches."""
        return TrainingPlan(every_image=True)

    def configure_callbacks(self) -> list[Callback]:
        """Brings the writer of `predict` and the lock of the folder."""
        quiet_lightning()
        self._check_command()  # here, because Lightning 2.6 asks for a `test_step` right after this
        return missing_callbacks(self.trainer, [PoisonedWriter(), RunLock()])

    def configure_optimizers(self) -> None:
        """Nothing is trained."""

    def setup(self, stage: str) -> None:
        """Refuses what a method without a network cannot do."""
        make_safe(self.trainer)
        if stage == "fit":
            self._check_fit()

    def _check_command(self) -> None:
        command = self.trainer.state.fn
        if command in (TrainerFn.TESTING, TrainerFn.VALIDATING):
            raise UnlearnableError(
                f"{type(self).__name__} has no network to {command.value}: it makes noise in one "
                "step. Train a ClassifierModule on the noise, and test that."
            )

    def _check_fit(self) -> None:
        Views.refuse_augment(self.trainer)
        refuse_noise(self._train_set())

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refused: there is none of this module."""
        raise UnlearnableError(
            f"ckpt_path is given, but {type(self).__name__} is made in one step and has no "
            "checkpoint to go on from. Leave ckpt_path out."
        )

    def on_fit_start(self) -> None:
        """Refuses the folder of another run."""
        folder = run_folder(self.trainer)
        self.path = None if folder is None else folder / "noise.safetensors"
        if self.path is not None:
            refuse_earlier_run(self.trainer, self.path, resume_from=None)

    def on_train_start(self) -> None:
        """Makes the release and writes it; nothing is left to train."""
        train_set, seed = self._train_set(), shared_seed(self.trainer)
        images = whole(train_set.clean)
        order = canonical_order(images, train_set.labels)
        generator = Generator().manual_seed(seed)
        classes = len(train_set.source.class_names)
        made = self.make(images[order], train_set.labels[order], classes, generator)
        self.made = self._release(made, order, seed)
        if self.path is not None and self.trainer.is_global_zero:
            write_release(self.path, self.made, train_set, self.trainer, step=0)
        if self.path is not None:
            rank_zero_info(f"Noise: {self.path}")
        self.trainer.should_stop = True

    def _train_set(self) -> Any:
        return ImageDataModule.of(self.trainer).train_set

    def _release(self, made: Tensor, order: Tensor, seed: int) -> Release:
        train_set = self._train_set()
        # the command line adds facts of the data that no argument is there for
        arguments = accepted(type(self), plain_hparams(self))
        made_by = {"class_path": class_path(self), "arguments": arguments, "seed": seed}
        facts: dict[str, Any] = {"source": train_set.source, "bound": self.bound}
        facts |= {"made_by": made_by, "versions": versions()}
        if self.kind == "samplewise":
            made = made[order.argsort()]  # back into the order of the data
        if made.dtype == torch.uint8:
            return release_of_images(made, whole(train_set.clean), **facts)
        return Release(difference=made, kind=self.kind, **facts)

    def noise(self) -> Release:
        """What `fit` made.

        Raises:
            UnlearnableError: it has made nothing yet.
        """
        if self.made is None:
            raise UnlearnableError(
                "no noise is made yet: give this module to a Trainer's fit first, or read a file "
                "with Release.load."
            )
        return self.made

    def training_step(self, batch: Any, batch_idx: int) -> None:
        """Not reached: `fit` ends before the first batch."""

    def predict_step(self, batch: dict[str, Tensor], batch_idx: int) -> dict[str, Tensor]:
        """Poisoned images, uint8 [B, C, H, W], with the release that `data.noise` names."""
        return published(batch)

    @staticmethod
    def linf(epsilon: float) -> Bound:
        """The bound of additive noise, epsilon in pixels of [0, 1]."""
        return Bound("linf", epsilon)
