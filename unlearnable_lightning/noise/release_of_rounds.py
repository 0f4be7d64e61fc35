"""The release of a generator's rounds, as it stands."""

from typing import TYPE_CHECKING

from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.release import Bound, Release
from unlearnable_lightning.run import class_path, plain_hparams, versions

if TYPE_CHECKING:
    from unlearnable_lightning.noise.driver import NoiseDriver


def release_of(module: "NoiseDriver") -> Release:
    """Its deltas in 8 bits, with their origin.

    Args:
        module: has deltas, and a Trainer with the images that they belong to.
    """
    assert module.deltas.delta is not None
    source = module.train_set.source
    levels = quantize(module.deltas.delta.cpu(), module.epsilon)
    return Release(
        difference=levels.expand(-1, source.shape[1], -1, -1),
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
