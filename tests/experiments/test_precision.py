"""A profile with `precision: auto` computes in bfloat16 where the device does."""

from typing import Any

import pytest
import torch

from experiments import precision
from unlearnable_lightning.run import device

FLAGS = "model name\t: A CPU\nflags\t\t: fpu avx2 {}\n"


@pytest.fixture
def processor(monkeypatch: Any) -> Any:
    """Sets the flags of a processor without a GPU beside it."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return lambda flags: monkeypatch.setattr(device, "_processor", lambda: FLAGS.format(flags))


def test_the_processor_decides(processor: Any) -> None:
    processor("avx512_bf16")
    auto = {"precision": "auto"}
    assert precision.precision_arguments(auto) == "--trainer.precision bf16-mixed"
    assert precision.precision_arguments({}) == ""  # as the config says
    processor("avx512f avx512_bf16_of_another_name")
    assert precision.precision_arguments(auto) == ""


@pytest.mark.parametrize("computes", [True, False])
def test_a_gpu_decides_where_there_is_one(computes: bool, processor: Any, monkeypatch: Any) -> None:
    processor("" if computes else "avx512_bf16")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: computes or including_emulation,
    )
    assert bool(precision.precision_arguments({"precision": "auto"})) == computes
