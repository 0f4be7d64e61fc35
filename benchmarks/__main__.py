"""`python -m benchmarks [NAME …]`: measures, and writes the tables into docs/performance.md."""

import importlib
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from unlearnable_lightning.processor import bfloat16_instructions, processor_name

PACKAGES = ("torch", "torchvision", "lightning", "kornia", "torchattacks", "foolbox")
PACKAGES += ("adversarial-robustness-toolbox", "pillow")
NAMES = ("sweep", "pgd", "augment", "training", "growth", "defences", "noises")
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main(names: list[str]) -> None:
    """Each table is written between `<!-- NAME -->` and `<!-- end -->`, beside those of others."""
    for name in names:
        text = f"{importlib.import_module(f'benchmarks.{name}').run()}\n\n{where()}"
        print(f"\n{text}\n")
        PAGE.write_text(replace(PAGE.read_text(), name, text))


def replace(page: str, name: str, text: str) -> str:
    """The page with `text` in the place of this name.

    Args:
        page: has `<!-- NAME -->` and, after it, `<!-- end -->`.
        name: of the benchmark.
        text: tables, then a line that says where they were measured. It takes the place of the
            tables from the same machine; those of others stay.
    """
    start, end = f"<!-- {name} -->", "<!-- end -->"
    before, found, rest = page.partition(start)
    assert found, f"{PAGE} has no place for {name}"
    there, _, after = rest.partition(end)
    kept = [tables for tables in _by_machine(there) if _machine(tables) != _machine(text)]
    return f"{before}{start}\n" + "\n\n".join([*kept, text]) + f"\n{end}{after}"


def _by_machine(tables: str) -> list[str]:
    """Each with its last line, which is `where`."""
    return [
        found.strip() for found in re.findall(r".*?^\([^\n]*\)$", tables, re.DOTALL | re.MULTILINE)
    ]


def _machine(tables: str) -> str:
    """The device that the last line names, with threads and instructions."""
    return tables.splitlines()[-1].removeprefix("(").partition(";")[0]


def where() -> str:
    """What it was measured on."""
    machine = torch.cuda.get_device_name() if torch.cuda.is_available() else cpu()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    data = "CIFAR-10" if os.environ.get("UNLEARNABLE_DATA") else "drawn shapes"
    return f"({machine}; {packages}; {data}.)"


def cpu() -> str:
    """Its name, the threads used, and whether it computes in bfloat16."""
    instructions = " and ".join(bfloat16_instructions()) or "no bfloat16 instructions"
    return f"{processor_name()}, {torch.get_num_threads()} threads, {instructions}"


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in NAMES]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    main(sys.argv[1:] or list(NAMES))
