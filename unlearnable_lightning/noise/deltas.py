"""The noise in the making: float16 deltas, how far they are, and which images they belong to."""

from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.delta_files import DeltaFile
from unlearnable_lightning.noise.first_noise import first_noise
from unlearnable_lightning.release import DataSource


class Deltas:
    """What a generator's checkpoint holds beside surrogate and optimizer.

    Deltas are float16: exact to 0.004 grey levels, at half the memory and checkpoint. They are no
    buffer of the module, because DistributedDataParallel sends buffers around at every model step.

    Args:
        classwise: a row per class rather than per image.
        epsilon: bound of the noise, in pixels of [0, 1].

    Attributes:
        delta: float16 [N or K, C or 1, H, W], in pixels of [0, 1]; None before the first round.
        rounds: rounds completed.
        error: error of the surrogate on the 8-bit release on plain images, after the last sweep;
            in [0, 1], None before it.
        own: bool [N], the images whose deltas this rank keeps; None if every rank has all.
        files: what a checkpoint says of deltas that lie in files (`ShardedDeltas`).
    """

    def __init__(self, classwise: bool, epsilon: float) -> None:
        self.classwise, self.epsilon = classwise, epsilon
        self.delta: Tensor | None = None
        self.rounds = 0
        self.error: float | None = None
        self.source_sha256: str | None = None
        self.own: Tensor | None = None
        self.files: list[DeltaFile] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no noise in this process."""
        return self.delta is None

    def begin(
        self,
        source: DataSource,
        shape: tuple[int, ...],
        init: str,
        seed: int,
        device: torch.device,
        anew: bool = False,
    ) -> None:
        """The first noise for these images, unless there is some.

        Args:
            source: the images.
            shape: of the noise of one image.
            init: one of `first_noise.FIRST`.
            seed: of the draw.
            device: where it is kept.
            anew: whether what there is gives way to the first noise.

        Raises:
            UnlearnableError: there is noise, for other images.
        """
        if self.files is not None and self.rounds and not anew:
            raise UnlearnableError(
                "the checkpoint's noise lies in files beside it, because its images were read and "
                "not held. Give the images as that run had them (NPYDataModule, or data.cache)."
            )
        rows = len(source.class_names) if self.classwise else source.shape[0]
        shape = (rows, *shape)
        if anew or self.delta is None or self.rounds == 0:  # a first round may have broken off
            random = torch.Generator().manual_seed(seed)
            self.delta = first_noise(init, shape, self.epsilon, random).half()
            self.source_sha256 = source.sha256
        self.check_source(source)
        self.shape = shape
        self._check_shape(tuple(self.delta.shape))
        self.delta = self.delta.to(device)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if shape != self.shape:
            raise UnlearnableError(
                f"the checkpoint holds noise of shape {shape}, this run needs {self.shape}. Give "
                "the method and the kind of the run that made it."
            )

    def check_source(self, source: DataSource) -> None:
        """Refuses other images than those that the noise belongs to."""
        if self.delta is not None:
            self._check_sha256(source)

    def _check_sha256(self, source: DataSource) -> None:
        if source.sha256 != self.source_sha256:
            raise UnlearnableError(
                f"the checkpoint holds noise for other images than {source.name}/{source.split} as "
                "given. Give the data arguments of the run that made it (train_subset, seed, …)."
            )

    def rows(self, batch: dict[str, Tensor]) -> Tensor:
        """The noise of a batch's images, float32 [B, C or 1, H, W]."""
        assert self.delta is not None
        index = batch["label" if self.classwise else "index"]
        return self.delta[index.to(self.delta.device)].float()

    def write(self, batch: dict[str, Tensor], delta: Tensor) -> None:
        """Takes in new sample-wise noise of a batch's images, float32 [B, C or 1, H, W]."""
        assert self.delta is not None
        self.delta[batch["index"].to(self.delta.device)] = delta.half()

    def settle(self) -> None:
        """Called at the end of a round, on every rank."""

    def tidy(self) -> None:
        """Called when checkpoints are written and nothing of the round before is needed."""

    def state_dict(self) -> dict[str, Any]:
        """Tensors, numbers and strings alone. Before the first round the noise is what the seed
        draws, and not written down: for CIFAR-10 it takes 307 MB."""
        delta = None if self.delta is None or self.rounds == 0 else self.delta.cpu()
        return {key: getattr(self, key) for key in _PLAIN} | {"delta": delta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave."""
        if state.get("unsettled"):
            raise UnlearnableError(
                f"the checkpoint was made in the middle of round {state['rounds'] + 1}, of whose "
                "noise files it knows nothing. Resume from one that was made at the end of a "
                "round, such as last.ckpt."
            )
        for key in (*_PLAIN, "delta"):
            setattr(self, key, state.get(key) if key == "files" else state[key])
        if self.delta is not None:  # made within a larger epsilon, perhaps; else nothing changes
            self.delta = self.delta.clamp(-self.epsilon, self.epsilon)


_PLAIN = ("rounds", "error", "source_sha256", "files")
