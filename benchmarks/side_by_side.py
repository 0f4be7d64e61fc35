"""Contestants that take turns, so that a busy moment of the machine hits all of them."""

import time
from collections.abc import Callable
from statistics import median

import torch


def side_by_side(
    contestants: dict[str, Callable[[], object]], turns: int
) -> dict[str, list[float]]:
    """Seconds of each call. In a turn all contestants run once; who begins rotates; a first turn
    warms up and does not count."""
    names = list(contestants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(turns + 1):
        begin = turn % len(names)
        for name in names[begin:] + names[:begin]:
            took = seconds_of(contestants[name])
            if turn:
                seconds[name].append(took)
    return seconds


def seconds_of(call: Callable[[], object]) -> float:
    """Wall time of one call, with what it started on a GPU."""
    _synchronize()
    start = time.perf_counter()
    call()
    _synchronize()
    return time.perf_counter() - start


def _synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def table(title: str, seconds: dict[str, list[float]], images: int, against: str) -> str:
    """A Markdown table, a row per contestant: images per second, times as fast as `against`."""
    lines = [
        f"| {title} | images/s | times as fast as {against} | lowest to highest turn |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, turns in seconds.items():
        ratios = [b / a for a, b in zip(turns, seconds[against], strict=True)]
        rate = images / median(turns)
        lines.append(
            f"| {name} | {rate:,.{0 if rate >= 100 else 1}f} | {median(ratios):.2f} | "
            f"{min(ratios):.2f} to {max(ratios):.2f} |"
        )
    return "\n".join(lines)
