"""`python -m benchmarks [NAME …]`: measures, and writes the tables into docs/performance.md."""

import importlib
import os
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
    """Each table takes the place of the one between `<!-- NAME -->` and `<!-- end -->`."""
    for name in names:
        text = f"{importlib.import_module(f'benchmarks.{name}').run()}\n\n{where()}"
        print(f"\n{text}\n")
        PAGE.write_text(replace(PAGE.read_text(), name, text))


def replace(page: str, name: str, text: str) -> str:
    """The page with `text` in the place of this name."""
    start, end = f"<!-- {name} -->", "<!-- end -->"
    before, found, rest = page.partition(start)
    assert found, f"{PAGE} has no place for {name}"
    return f"{before}{start}\n{text}\n{end}{rest.partition(end)[2]}"


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
