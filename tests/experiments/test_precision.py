"""A profile with `precision: auto` computes in bfloat16 where the device does."""

from pathlib import Path
from typing import Any

import pytest
import torch

from experiments import precision
from unlearnable_lightning import processor

FLAGS = "model name\t: A CPU\nflags\t\t: fpu avx2 {}\n"
AUTO = {"precision": "auto"}


@pytest.fixture
def flags(monkeypatch: Any) -> Any:
    """Sets the flags of the processor."""
    return lambda more: monkeypatch.setattr(processor, "_cpuinfo", lambda: FLAGS.format(more))


@pytest.fixture
def gpu(monkeypatch: Any, tmp_path: Path) -> Any:
    """Says whether there is one, and whether it computes in bfloat16 without emulation."""

    def pretend(there: bool, computes: bool = False) -> None:
        monkeypatch.setattr(precision, "DRIVER", tmp_path if there else tmp_path / "none")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
        supported = {True: True, False: computes}
        monkeypatch.setattr(
            torch.cuda,
            "is_bf16_supported",
            lambda including_emulation: supported[including_emulation],
        )

    return pretend


def test_the_processor_decides(flags: Any, gpu: Any) -> None:
    gpu(False)
    flags("avx512_bf16")
    assert processor.processor_name() == "A CPU"
    assert precision.precision_arguments(AUTO) == "--trainer.precision bf16-mixed"
    assert precision.precision_arguments({}) == ""  # as the config says
    flags("avx512f avx512_bf16_of_another_name")
    assert precision.precision_arguments(AUTO) == ""


@pytest.mark.parametrize("computes", [True, False])
def test_a_gpu_decides_where_there_is_one(computes: bool, flags: Any, gpu: Any) -> None:
    flags("" if computes else "avx512_bf16")
    gpu(True, computes)
    assert bool(precision.precision_arguments(AUTO)) == computes
