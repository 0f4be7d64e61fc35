"""A checkpoint made in the middle of an epoch, and how a run goes on from one.

Lightning alone starts such an epoch's data from the beginning and with other random draws, takes
an epoch whose last batch is done for a whole one (its end, the sweep, is lost), and with
`max_steps` ends a whole epoch a second time.
"""

from typing import Any

import torch


def mark(module: Any) -> dict[str, Any]:
    """What a checkpoint that is made now must say of the epoch that is open; plain data."""
    done = module.trainer.fit_loop.epoch_loop.batch_progress.current
    on_gpu = module.device.type == "cuda"
    return {
        "steps": done.processed,
        "in_step": done.ready != done.processed,
        "ranks": module.trainer.world_size,
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state(module.device) if on_gpu else None,
    }


def settle(checkpoint: dict[str, Any]) -> dict[str, Any] | None:
    """Sets Lightning's counters in a checkpoint so that it goes on where the epoch was left.

    Returns:
        The mark, with `pending`: all batches of the epoch are done, its end is not. None if the
        checkpoint was made between two epochs, or by a version that left no mark.
    """
    point: dict[str, Any] | None = checkpoint.get("open_epoch")
    loops = checkpoint["loops"]["fit_loop"]
    epochs, batches = loops["epoch_progress"], loops["epoch_loop.batch_progress"]
    if "open_epoch" not in checkpoint and not _between(epochs["current"]):
        return None  # as Lightning does it
    for count in (epochs["total"], epochs["current"]):
        whole = count["started"] - 1 if point else count["started"]
        count |= {"processed": whole, "completed": whole}
        count["ready"] = count["started"]
    if point is None:
        return None
    point = point | {"pending": batches["is_last_batch"]}
    if point["pending"]:
        for count in (batches["total"], batches["current"]):
            count |= dict.fromkeys(("ready", "started", "completed"), count["processed"])
    return point


def made_between_epochs(checkpoint: dict[str, Any]) -> bool:
    """Whether no epoch was open: by our mark, or by Lightning's counters in an older checkpoint."""
    if "open_epoch" in checkpoint:
        return checkpoint["open_epoch"] is None
    return _between(checkpoint["loops"]["fit_loop"]["epoch_progress"]["current"])


def _between(epochs: dict[str, int]) -> bool:
    return epochs["started"] == epochs["processed"]


def go_on(module: Any, point: dict[str, Any] | None) -> None:
    """Called when training starts: takes up the open epoch, or a new one if `point` is None."""
    fit_loop = module.trainer.fit_loop
    if point is None:
        fit_loop._restarting = False  # its setter insists on it if there are max_steps
        fit_loop.epoch_loop.restarting = False
        return
    if max(point["ranks"], module.trainer.world_size) > 1:  # the draws of rank 0 alone are known
        torch.manual_seed(module.epoch_seed(module.global_rank))
    else:
        torch.set_rng_state(point["random"])
        if point["random_cuda"] is not None and module.device.type == "cuda":
            torch.cuda.set_rng_state(point["random_cuda"], module.device)
    sampler: Any = getattr(module.trainer.train_dataloader, "sampler", None)
    if point["pending"]:
        fit_loop.epoch_loop.val_loop._has_run = True  # nothing is left of it but its end
    elif hasattr(sampler, "skip"):  # not the sampler of a user's own loader
        sampler.skip = point["steps"] * module.trainer.train_dataloader.batch_size
