"""The precision that a profile's runs compute in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unlearnable_lightning.processor import bfloat16_instructions

DRIVER = Path("/proc/driver/nvidia")


def precision_arguments(profile: Mapping[str, Any]) -> str:
    """What a run is told of it; nothing leaves the choice to its config.

    Args:
        profile: one of `profiles/`. With `precision: auto` the runs of a machine that computes in
            bfloat16, be it by its GPU or its processor, do so: elsewhere it is slower than float32.
    """
    if profile.get("precision") != "auto" or not _bfloat16():
        return ""
    return "--trainer.precision bf16-mixed"


def _bfloat16() -> bool:
    if DRIVER.exists():
        import torch  # takes seconds, and every job of the workflow reads its profile

        if torch.cuda.is_available():
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(bfloat16_instructions())
