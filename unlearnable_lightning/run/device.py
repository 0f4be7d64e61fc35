"""The device that a result depends on: its name, and whether it computes in bfloat16."""

import platform
import re
from pathlib import Path

import torch


def device_name(device: torch.device) -> str:
    """What its maker calls the GPU or the processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = re.search(r"model name\s*: (.*)", _processor())
    return name[1] if name else platform.processor() or platform.machine()


def bfloat16_instructions() -> list[str]:
    """What Linux calls those of the processor; none where it does not say."""
    flags = set(_processor().split())
    return [name for name in ("amx_bf16", "avx512_bf16") if name in flags]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""
