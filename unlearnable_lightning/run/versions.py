"""What a result depends on beside its arguments: package versions and the device."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

import torch


def versions() -> dict[str, str]:
    """Package names and versions, for the header of a noise file."""
    return {name: version(name) for name in ("unlearnable-lightning", "torch", "lightning")}


def device_name(device: torch.device) -> str:
    """What its maker calls the GPU or the processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"model name\s*: (.*)", info)
    return name[1] if name else platform.processor() or platform.machine()
