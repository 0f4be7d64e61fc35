"""The search for coefficients of autoregressive noise.

`python -m unlearnable_lightning.noise.methods.ar_search --classes 10 > FILE`
"""

import json

import torch
from jsonargparse import auto_cli
from jsonargparse.typing import PositiveInt
from torch import Tensor
from tqdm import tqdm

from unlearnable_lightning.noise.methods.ar_coefficients import SEARCH
from unlearnable_lightning.noise.methods.ar_recurrence import MARGIN, next_row, response

_TRIALS = 3
_MOST = 50 / 32  # L2 of a field before scaling, per pixel of its side
_BATCH = 4096  # draws at a time: a tenth of the time of 256, at 0.8 GB


def search(classes: int = 10, seed: int = 0, distance: float = 10, size: int = 32) -> Tensor:
    """Coefficients whose noise stays bounded and can be told apart.

    Draws are taken in turn until there are enough. One is kept if three random fields of it have
    an L2 of at most 50 each (at 32×32; in proportion to the side otherwise), and if the last of
    them, scaled to L2 1, gives every class kept so far a filter response of at least `distance`.

    Args:
        classes: how many to find.
        seed: of the random numbers.
        distance: 10 for 10 classes (45 s for the 440 000 draws of seed 0) and 5 for 100 (a minute).
            At 3 some fields of 100 classes are taken for another class's once rounded to 8 bits.
        size: side of the images. Fields of coefficients found at 32 grow without end on larger
            ones: at 96×96 most of their energy lies at the lower right.

    Returns:
        float64 [classes, 3, 3, 3]: class, channel, row, column.
    """
    generator = torch.Generator().manual_seed(seed)
    kept: list[Tensor] = []
    with tqdm(total=classes, desc="classes found", unit="class") as bar:
        while len(kept) < classes:
            for weights, field in zip(*_stable(_draw(generator), size, generator), strict=True):
                if len(kept) < classes and _is_apart(field, kept, distance):
                    kept.append(weights)
                    bar.update()
    return torch.stack(kept)


def _is_apart(field: Tensor, kept: list[Tensor], distance: float) -> bool:
    """Whether every class's filter sees that this field, [3, H, W], is not its own."""
    scaled = (field / field.norm())[None]
    return not kept or bool((response(scaled, torch.stack(kept)) >= distance).all())


def _draw(generator: torch.Generator) -> Tensor:
    """Random coefficients, [n, 3, 3, 3]; those of a channel add up to 1."""
    weights = torch.randn(_BATCH, 3, 3, 3, generator=generator, dtype=torch.float64)
    weights[:, :, 2, 2] = 0
    return weights / weights.sum((2, 3), keepdim=True)


def _stable(weights: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Of [n, 3, 3, 3] those that pass every trial, and the field of each in the last one."""
    for _ in range(_TRIALS):
        passed, field = _trial(weights, size, generator)
        weights = weights[passed]
    return weights, field


def _trial(weights: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Which coefficients make a bounded field, int64 [m], and those fields, [m, 3, size, size].

    A field is dropped at the row where it leaves the bound; 98 in 100 end this way, most of them
    early.
    """
    side, n = size + MARGIN, len(weights)
    taps = weights.permute(1, 2, 3, 0)
    rows = list(torch.randn(2, 3, side, n, generator=generator, dtype=torch.float64))
    left = torch.randn(side - 2, 3, 2, n, generator=generator, dtype=torch.float64)
    passed = torch.arange(n)
    energy = torch.zeros(n, dtype=torch.float64)
    for i in range(side - 2):
        row = next_row(taps[..., passed], (rows[-2], rows[-1]), left[i][..., passed])
        if i + 2 >= MARGIN:
            energy += row[:, MARGIN:].square().sum((0, 1))
        keep = energy <= (_MOST * size) ** 2  # nor is NaN
        passed, energy = passed[keep], energy[keep]
        rows = [kept[..., keep] for kept in [*rows, row]]
    return passed, torch.stack(rows[MARGIN:])[:, :, MARGIN:].permute(3, 1, 0, 2)


def print_search(
    classes: PositiveInt = 10, seed: int = 0, distance: float = 10, size: PositiveInt = 32
) -> None:
    """Searches for coefficients of autoregressive noise and prints them as JSON.

    Args:
        classes: how many to find.
        seed: of the random numbers.
        distance: how far apart classes are: 10 for 10, 5 for 100; lower is found sooner.
        size: side of the images, in pixels.
    """
    found = search(classes, seed, distance, size)
    settings = f"--classes {classes} --seed {seed} --distance {distance:g} --size {size}"
    header = json.dumps({"command": f"{SEARCH} {settings}", "seed": seed})
    lines = ",\n".join(json.dumps(of) for of in found.tolist())
    print(f'{header[:-1]}, "coefficients": [\n{lines}\n]}}')


if __name__ == "__main__":
    auto_cli(print_search)
