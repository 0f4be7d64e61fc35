"""The precision that a profile's runs compute in."""

from collections.abc import Mapping
from typing import Any

import torch

from unlearnable_lightning.run import bfloat16_instructions


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
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(bfloat16_instructions())
