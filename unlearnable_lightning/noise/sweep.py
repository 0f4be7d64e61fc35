"""The sweep: T noise steps on every image, surrogate frozen."""

import sys
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.noise import class_update
from unlearnable_lightning.noise.deltas import Deltas
from unlearnable_lightning.pixels import add, quantize
from unlearnable_lightning.run import average_buffers, forward_context, reduce_sum, to_device
from unlearnable_lightning.training.module import Batch, ImageModule


@runtime_checkable
class Method(Protocol):
    """What a sweep asks of a method."""

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """The new noise of some images."""


class Sweep:
    """Noise steps on the training images of a module, its surrogate frozen as it is now.

    Several ranks share the images and end with the same noise: sample-wise rows are exchanged
    once, at the end, unless each rank keeps those of its own; class-wise changes after every batch.

    Args:
        module: its Trainer and training images are used, and its method's `noise_step`.
        deltas: its noise, changed in place.
        batch_size: images per rank at a time.
        class_rule: a function of `noise.class_update`.
    """

    def __init__(
        self,
        module: ImageModule,
        deltas: Deltas,
        batch_size: int,
        class_rule: class_update.ClassUpdate,
    ) -> None:
        assert isinstance(module, Method)
        self.module, self.method, self.deltas = module, module, deltas
        self.dataset = module.train_set
        self.class_rule = class_rule
        # ranks fill their last batch up to this size to exchange it
        self.batch_size = min(batch_size, len(self.dataset))
        generator = torch.Generator().manual_seed(module.epoch_seed())
        self.order = torch.randperm(len(self.dataset), generator=generator)  # on all ranks alike
        if deltas.own is not None:
            self.order = self.order[deltas.own[self.order]]
        # the sign of a gradient that is NaN is 0: noise would stay finite, and as it was
        self.logit_sum = torch.zeros((), device=module.device)
        average_buffers(module.trainer, module.model)
        self.surrogate = self.freeze(module.model)

    def run(self) -> None:
        """T steps on every image."""
        for number, rows in enumerate(self._shares("sweep")):
            self._take_in(*self._perturb(rows, number))
        if not self.deltas.classwise and self.deltas.own is None:
            self._exchange_rows()

    def freeze(self, model: nn.Module) -> FrozenModel:
        """A network for noise steps on these images, in the run's precision. Its logits in them
        must be finite."""
        frozen = FrozenModel(model, self.dataset.source.shape[1:], self.module.attack_dtype)
        frozen.register_forward_hook(self._watch)
        return frozen

    def batches(self, what: str) -> Iterator[Batch]:
        """The plain images of this rank's share, batch by batch on its device; maybe none.

        Args:
            what: they are for, a word for the progress bar.
        """
        for rows in self._shares(what):
            if len(rows):
                yield to_device(self.module.trainer, self.dataset.__getitems__(rows))

    @property
    def delta(self) -> Tensor:
        """The deltas, where every rank has all of them."""
        assert self.deltas.delta is not None
        return self.deltas.delta

    def step_on(self, batch: Batch) -> None:
        """T steps on the images of a training batch. Of sample-wise noise each rank knows its own
        rows; a sweep over all images brings them together. The surrogate is that of now."""
        self.surrogate.refresh()
        self._take_in(*self._steps(batch, "the loss of the noise steps"))

    def _take_in(self, labels: Tensor, changes: Tensor) -> None:
        """What a batch changed becomes part of class-wise noise; sample-wise noise has it."""
        if not self.deltas.classwise:
            return
        several = self.module.trainer.world_size > 1
        if several:
            labels, changes = self._gather(labels, changes)
        new = self.class_rule(self.delta.float(), labels, changes, self.deltas.epsilon)
        if several:  # sums on a GPU differ in the last bit
            torch.distributed.broadcast(new, src=0)
        self.delta.copy_(new)

    def _perturb(self, rows: Tensor, number: int) -> tuple[Tensor, Tensor]:
        """Labels of these rows, batch `number` of the sweep, and what T steps change; sample-wise
        noise is written at once."""
        if not len(rows):  # the last batch may have nothing left for this rank
            none = torch.zeros(0, *self.deltas.shape[1:], device=self.module.device)
            return rows.to(self.module.device), none
        served = self.dataset.__getitems__(rows)
        batch = to_device(self.module.trainer, served)
        return self._steps(batch, f"the loss of sweep batch {number}")

    def _steps(self, batch: Batch, what: str) -> tuple[Tensor, Tensor]:
        images, labels, start = batch["image"], batch["label"], self.deltas.rows(batch)
        with forward_context(self.module.trainer):
            delta = self.method.noise_step(self.surrogate, images, labels, start)
        self.module.check_finite(self.logit_sum, what)
        if not self.deltas.classwise:
            self.deltas.write(batch, delta)
        return labels, delta - start

    def _watch(self, surrogate: FrozenModel, images: Any, logits: Tensor) -> None:
        self.logit_sum += logits.detach().sum()

    @torch.no_grad()
    def error(self) -> tuple[float, float]:
        """Error in [0, 1] and mean loss of the surrogate on what would be published now: every
        plain image, not its views, plus its noise in 8 bits."""
        total = torch.zeros(3, device=self.module.device)
        for rows in self._shares("error"):
            if len(rows):
                batch = self._published(rows)
                with forward_context(self.module.trainer):
                    logits = self.surrogate(batch["image"])
                wrong = (logits.argmax(1) != batch["label"]).sum()
                loss = cross_entropy(logits, batch["label"], reduction="sum")
                total += torch.stack([wrong, loss, torch.full_like(loss, len(rows))])
        total = reduce_sum(self.module.trainer, total)
        self.module.check_finite(total, "the loss of the surrogate")
        wrong_sum, loss_sum, count = total.tolist()
        return wrong_sum / count, loss_sum / count

    def _shares(self, what: str) -> Iterator[Tensor]:
        """Rows of this rank, batch by batch: as many batches on every rank, some maybe empty."""
        trainer, epoch = self.module.trainer, self.module.current_epoch
        # the Trainer's own bar switched off (or another rank) means: no bar here either
        shown = trainer.progress_bar_callback is not None and trainer.is_global_zero
        bar = tqdm(total=len(self.order), desc=f"round {epoch}, {what}", unit="img", leave=False,
                   disable=not shown, file=sys.stdout, mininterval=0.5)  # fmt: skip
        with bar:
            shared = self.deltas.own is None
            ranks, rank = (trainer.world_size, trainer.global_rank) if shared else (1, 0)
            for chunk in self.order.split(self.batch_size * ranks):
                if trainer.received_sigterm:
                    raise SIGTERMException
                yield chunk[rank::ranks]
                bar.update(len(chunk))

    def _published(self, rows: Tensor) -> Batch:
        """The batch of these rows on the device, poisoned in 8 bits."""
        served = self.dataset.__getitems__(rows)
        batch = {key: value.to(self.module.device) for key, value in served.items()}
        levels = quantize(self.deltas.rows(batch), self.deltas.epsilon)
        image = add(batch["image"], levels.expand_as(batch["image"]))
        return batch | {"image": image.float().div_(255)}

    def _gather(self, labels: Tensor, changes: Tensor) -> tuple[Tensor, Tensor]:
        """The batches of all ranks, in the order of the ranks; the last may be shorter."""
        missing = self.batch_size - len(labels)
        labels = torch.cat([labels, labels.new_full((missing,), -1)])
        changes = torch.cat([changes, changes.new_zeros(missing, *changes.shape[1:])])
        gathered = self.module.all_gather((labels, changes))
        labels, changes = (each.flatten(0, 1) for each in gathered)
        return labels[labels >= 0], changes[labels >= 0]

    def _exchange_rows(self) -> None:
        trainer = self.module.trainer
        if trainer.world_size > 1:
            mine = torch.zeros_like(self.delta)
            for chunk in self.order.split(self.batch_size * trainer.world_size):
                rows = chunk[trainer.global_rank :: trainer.world_size]
                mine[rows] = self.delta[rows]
            # each row is zero on all ranks but one: the sum is exact
            self.delta.copy_(reduce_sum(trainer, mine))
