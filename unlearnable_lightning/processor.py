"""The processor: its name, and whether it computes in bfloat16."""

import platform
import re
from pathlib import Path


def processor_name() -> str:
    """What its maker calls it."""
    name = re.search(r"model name\s*: (.*)", _cpuinfo())
    return name[1] if name else platform.processor() or platform.machine()


def bfloat16_instructions() -> list[str]:
    """What Linux calls those that it has; none where it does not say."""
    flags = set(_cpuinfo().split())
    return [name for name in ("amx_bf16", "avx512_bf16") if name in flags]


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""
