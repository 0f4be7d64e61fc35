"""A checkpoint made in the middle of an epoch, and how a run goes on from one.

Lightning 2.6 alone starts such an epoch's data from the beginning and with other random draws,
takes an epoch whose last batch is done for a whole one (its end, the sweep, is lost), and with
`max_steps` ends a whole epoch a second time.
"""

from typing import Any

import lightning as L
import torch


def mark(trainer: L.Trainer) -> dict[str, Any]:
    """What a checkpoint that is made now must say of the epoch that is open; plain data."""
    # Lightning 2.6 declares a base class of what its counters are
    done: Any = trainer.fit_loop.epoch_loop.batch_progress.current
    device = trainer.strategy.root_device
    return {
        "steps": done.processed,
        "in_step": done.ready != done.processed,
        "ranks": trainer.world_size,
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
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


def go_on(trainer: L.Trainer, point: dict[str, Any] | None, seed: int) -> None:
    """Called when training starts: takes up the open epoch, or a new one if `point` is None.

    Args:
        trainer: of the run that goes on.
        point: what `settle` gave.
        seed: of this epoch and rank, for draws of which the checkpoint does not hold the state.
    """
    fit_loop, device = trainer.fit_loop, trainer.strategy.root_device
    if point is None:
        fit_loop._restarting = (
            False  # Lightning 2.6: its setter insists on it if there is max_steps
        )
        fit_loop.epoch_loop.restarting = False
        return
    if max(point["ranks"], trainer.world_size) > 1:  # the draws of rank 0 alone are known
        torch.manual_seed(seed)
    else:
        torch.set_rng_state(point["random"])
        if point["random_cuda"] is not None and device.type == "cuda":
            torch.cuda.set_rng_state(point["random_cuda"], device)
    loader: Any = trainer.train_dataloader
    sampler: Any = getattr(loader, "sampler", None)
    if point["pending"]:
        # nothing is left of it but its end; Lightning 2.6 asks here whether it was validated
        fit_loop.epoch_loop.val_loop._has_run = True
    elif hasattr(sampler, "skip"):  # not the sampler of a user's own loader
        sampler.skip = point["steps"] * loader.batch_size


def end_epoch(trainer: L.Trainer) -> None:
    """Called at the end of an epoch: the one that was resumed is over.

    Lightning 2.6 takes the flag back after a batch, and of an epoch that was resumed at its end
    there is none left.
    """
    trainer.fit_loop.epoch_loop.restarting = False
