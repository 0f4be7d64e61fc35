"""The release of a generator's rounds, as it stands."""

from typing import TYPE_CHECKING

from unlearnable_lightning.noise.delta_files import InLevels
from unlearnable_lightning.noise.deltas import Deltas
from unlearnable_lightning.noise.sharded_deltas import ShardedDeltas
from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.release import Bound, Release
from unlearnable_lightning.rows import AnyRows
from unlearnable_lightning.run import class_path, plain_hparams, versions

if TYPE_CHECKING:
    from unlearnable_lightning.noise.driver import NoiseDriver


def release_of(module: "NoiseDriver") -> Release:
    """Its deltas in 8 bits, with their origin.

    Args:
        module: has deltas, and a Trainer with the images that they belong to.
    """
    source = module.train_set.source
    return Release(
        difference=_levels(module.deltas, source.shape[1]),
        kind=module.kind,
        source=source,
        made_by={
            "class_path": class_path(module),
            "arguments": plain_hparams(module),
            "seed": module.seed,
            "rounds": module.deltas.rounds,
            "error": module.deltas.error,
            "finished": module.finished,
        },
        bound=Bound("linf", module.epsilon),
        versions=versions(),
    )


def _levels(deltas: Deltas, channels: int) -> AnyRows:
    if isinstance(deltas, ShardedDeltas):
        return InLevels(deltas.everything(), channels, deltas.epsilon)
    assert deltas.delta is not None
    return quantize(deltas.delta.cpu(), deltas.epsilon).expand(-1, channels, -1, -1)
