"""A release whose rows come from the files of all ranks: each rank writes some of its shards."""

from pathlib import Path

import lightning as L

from unlearnable_lightning.release import Release
from unlearnable_lightning.release.shards import parts, write_shard
from unlearnable_lightning.run import gather


def save_by_ranks(path: Path, release: Release, trainer: L.Trainer) -> None:
    """As `Release.save` of a release in shards. To be called on every rank.

    Args:
        path: of the release.
        release: its `difference` is rows of files that every rank sees.
        trainer: its ranks.
    """
    difference, ranks = release.difference, trainer.world_size
    written = [
        write_shard(path, difference, part, release.check_differences)
        for part in parts(difference)[trainer.global_rank :: ranks]
    ]
    of_ranks = gather(trainer, written)
    count = sum(map(len, of_ranks))
    if trainer.is_global_zero:
        release.save_header(path, [of_ranks[i % ranks][i // ranks] for i in range(count)])
