"""The scale of the benchmarks: who runs when, what is counted, where the table goes."""

import time
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from benchmarks import floor, sweep
from benchmarks.__main__ import NAMES, PAGE, replace
from benchmarks.contestant import COPY, BenchmarkError, Contestant
from benchmarks.floor import check_floor
from benchmarks.side_by_side import side_by_side, table
from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.models import cnn_small


def test_contestants_take_turns_and_the_first_turn_does_not_count() -> None:
    calls: list[str] = []

    def contestant(name: str, seconds: float) -> None:
        calls.append(name)
        time.sleep(seconds)

    seconds = side_by_side(
        {name: lambda name=name, s=s: contestant(name, s) for name, s in (("a", 0), ("b", 0.05))},
        turns=3,
    )
    assert "".join(calls) == "abbaabba"
    assert {name: len(each) for name, each in seconds.items()} == {"a": 3, "b": 3}
    assert min(seconds["b"]) >= 0.05


def test_a_row_gives_the_rate_and_the_median_of_the_ratios() -> None:
    seconds = {"slow": [2.0, 4.0, 2.0], "fast": [1.0, 1.0, 0.5]}
    rows = table("title", seconds, images=100, against="slow").splitlines()
    assert rows[2] == "| slow | 50.0 | 1.00 | 1.00 to 1.00 |"
    assert rows[3] == "| fast | 100 | 4.00 | 2.00 to 4.00 |"


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text()
    for name in NAMES:
        written = replace(page, name, "a table\n\n(a machine; torch 1.)")
        assert written.count("a table") == page.count("a table") + 1


def test_a_table_takes_the_place_of_the_same_machine_and_leaves_the_others() -> None:
    place = "x <!-- pgd -->\n{}\n<!-- end --> y <!-- end -->"
    page = place.format("| a |\n\n| b |\n\n(CPU; torch 1.)")
    page = replace(page, "pgd", "| c |\n\n(GPU; torch 1.)")
    assert page == place.format("| a |\n\n| b |\n\n(CPU; torch 1.)\n\n| c |\n\n(GPU; torch 1.)")
    page = replace(page, "pgd", "| d |\n\n(CPU; torch 2.)")
    assert page == place.format("| c |\n\n(GPU; torch 1.)\n\n| d |\n\n(CPU; torch 2.)")
    empty = replace("x <!-- pgd -->\n<!-- end --> y <!-- end -->", "pgd", "| e |\n\n(CPU; 1.)")
    assert empty == place.format("| e |\n\n(CPU; 1.)")


def steps_of(attacked: nn.Module) -> Callable[[], Tensor]:
    images = torch.full((2, 3, 8, 8), 0.5)
    start, labels = torch.zeros_like(images), torch.zeros(2, dtype=torch.int64)
    return lambda: pgd(attacked, images, labels, epsilon=0.1, step_size=0.1, steps=1, start=start)


@pytest.mark.parametrize("claimed", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("true", [torch.float32, torch.bfloat16])
def test_a_contestant_runs_in_the_dtype_that_it_names(
    claimed: torch.dtype, true: torch.dtype
) -> None:
    attacked = FrozenModel(cnn_small(), (3, 8, 8), true)
    contestant = Contestant(steps_of(attacked), claimed, COPY)
    if claimed == true:
        contestant.check("ours")
    else:
        with pytest.raises(BenchmarkError, match=f"'ours' says that it runs in {claimed}.*{true}"):
            contestant.check("ours")


@pytest.mark.parametrize("folded", [False, True])
def test_a_contestant_steps_through_the_model_that_it_names(folded: bool) -> None:
    model = cnn_small()
    call = steps_of(FrozenModel(model, (3, 8, 8)) if folded else model)
    true, false = ("FoldedCopy", "Sequential") if folded else ("Sequential", "FoldedCopy")
    Contestant(call, torch.float32, true).check("ours")
    with pytest.raises(BenchmarkError, match=f"steps through a {false}"):
        Contestant(call, torch.float32, false).check("ours")


def test_the_sweep_that_is_timed_is_the_one_that_its_row_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "T", 1)
    monkeypatch.setattr(sweep, "BATCH", 10)
    rows = [line.split("|")[1].strip() for line in sweep.race("cnn_small", 20, 1).splitlines()]
    assert rows[2:] == [sweep.STRAIGHT, "ours, float32", "ours, bfloat16", sweep.FLOOR]
    real = sweep.Precision
    monkeypatch.setattr(sweep, "MixedPrecision", lambda *_: real())
    with pytest.raises(
        BenchmarkError, match=r"'ours, bfloat16' says that it runs in torch\.bfloat16"
    ):
        sweep.race("cnn_small", 20, 1)


def test_nothing_passes_the_floor() -> None:
    check_floor({"ours": [2.0, 1.5], "floor": [1.5, 1.5]}, "floor")
    with pytest.raises(BenchmarkError, match=r"'ours' took 1\.4 s, less than 'floor', 1\.5 s"):
        check_floor({"slow": [3.0], "ours": [2.0, 1.4], "floor": [1.5, 1.5]}, "floor")


def test_the_rate_of_the_floor_is_that_of_the_fastest_layer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Timed by a clock on which each call takes a second: the layer with most FLOPs is fastest."""
    monkeypatch.setattr(floor, "seconds_of", lambda call: 1.0 if call() is not None else 0.0)
    model = nn.Sequential(
        nn.Conv2d(3, 64, 3), nn.Conv2d(64, 256, 3), nn.Flatten(), nn.Linear(4096, 2)
    )
    rate = floor.best_rate(model, torch.rand(64, 3, 8, 8), tries=1)
    assert rate == 2 * 64 * 16 * 64 * 256 * 9


def test_the_memory_floor_counts_what_each_layer_reads_and_writes() -> None:
    """Twice, for the pass forward and for the gradients; two layers of one shape count both."""
    model = nn.Sequential(
        nn.Conv2d(3, 3, 3, padding=1),
        nn.Conv2d(3, 3, 3, padding=1),
        nn.Flatten(),
        nn.Linear(192, 2),
    )
    moved = floor.bytes_per_image(model, torch.rand(5, 3, 8, 8), size=2)
    assert moved == 2 * 2 * (4 * 192 + 192 + 2)


def test_the_rate_of_memory_counts_bytes_read_and_bytes_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(floor, "seconds_of", lambda call: 0.5 if call() is not None else 0.0)
    assert floor.memory_rate("cpu", size=1000, tries=2) == 2 * 1000 / 0.5
