"""A resumed optimizer takes over the arguments of the run that goes on."""

from collections.abc import Mapping
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def retune(
    optimizer: Optimizer,
    schedule: Any,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    step: int,
) -> None:
    """Changes what a restored optimizer and its schedule were told by the run before.

    Gradient averages and the place in the schedule stay: they are progress. What an own
    `configure_optimizers` set to other values than the arguments stays too.

    Args:
        optimizer: restored from a checkpoint.
        schedule: of it, restored if the run before had one; None if there is none now.
        old: the arguments of the run before.
        new: those of this run.
        step: optimizer steps taken so far.
    """
    old = {"nesterov": False, **old}  # older checkpoints do not say
    for name in ("momentum", "weight_decay", "nesterov"):
        for group in optimizer.param_groups:
            if name in old and group.get(name) == old[name]:
                group[name] = new[name]
    if isinstance(schedule, LambdaLR):
        if not _scheduled(old) and _scheduled(new):  # there was none to restore
            schedule.last_epoch = step
        schedule.base_lrs = [new["lr"] if lr == old.get("lr") else lr for lr in schedule.base_lrs]
        for group, lr, factor in zip(
            optimizer.param_groups, schedule.base_lrs, schedule.lr_lambdas, strict=True
        ):
            group |= {"initial_lr": lr, "lr": lr * factor(schedule.last_epoch)}
    elif schedule is None and (_scheduled(old) or old.get("lr") != new["lr"]):
        for group in optimizer.param_groups:
            if old.get("lr") in (group["lr"], group.get("initial_lr")):
                group["lr"] = new["lr"]


def _scheduled(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments.get("warmup") or arguments.get("cosine"))
