"""Pictures as PIL draws them: points coloured by class, and a spectrum. No plotting library, which
only the experiments of this project need."""

import math

import torch
from PIL import Image, ImageDraw
from torch import Tensor

# told apart by most colour-blind readers too, as far as ten colours can be
COLOURS = (
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd"),
    *("#8c564b", "#e377c2", "#17becf", "#bcbd22", "#111111"),
)
OTHER = "#d0d0d0"  # classes beyond the first ten: more colours nobody tells apart
_SIDE = 420  # pixels
_ANCHORS = ((13, 8, 60), (70, 50, 140), (35, 135, 142), (110, 200, 90), (253, 231, 60))


def scatter(points: Tensor, labels: Tensor, classes: Tensor) -> Image.Image:
    """Points on a plane, each axis stretched to the same width.

    Args:
        points: float [N, 2]; what lies beyond the middle 99.8 % of an axis is drawn at its border.
        labels: int64 [N].
        classes: int64 [K], ascending; the first ten have colours, the others are grey.
    """
    picture = Image.new("RGB", (_SIDE, _SIDE), "white")
    pen = ImageDraw.Draw(picture)
    ends = torch.quantile(points.double(), torch.tensor([0.001, 0.999]).double(), dim=0)
    width = (ends[1] - ends[0]).clamp(min=1e-12)
    places = ((points - ends[0]) / width).clamp(0, 1) * (_SIDE - 20) + 10
    colours = [OTHER] * int(classes.max() + 1)
    for colour, label in zip(COLOURS, classes.tolist(), strict=False):
        colours[label] = colour
    radius = 1.5 if len(points) > 2000 else 2.5
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))
    for (right, up), label in zip(places[order].tolist(), labels[order].tolist(), strict=True):
        x, y = right, _SIDE - up
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours[label])
    pen.rectangle((0, 0, _SIDE - 1, _SIDE - 1), outline="#888888")
    return picture


def heat(power: Tensor, ring: float, decades: int = 6) -> Image.Image:
    """A spectrum by its logarithm: dark is little, yellow is the most.

    Args:
        power: [H, W], frequency 0 at [H // 2, W // 2].
        ring: radius of a circle around it, in cycles per image.
        decades: below 10 to the minus that many of the largest power all is dark.
    """
    height, width = power.shape
    top = power.max().clamp(min=1e-30)
    level = (power / top).clamp(min=10.0**-decades).log10() / decades + 1
    anchors = torch.tensor(_ANCHORS).double()
    place = level.double() * (len(anchors) - 1)
    low = place.floor().long().clamp(max=len(anchors) - 2)
    mix = (place - low)[..., None]
    colours = (anchors[low] * (1 - mix) + anchors[low + 1] * mix).round().to(torch.uint8)
    scale = max(1, math.ceil(_SIDE / max(height, width)))
    picture = Image.fromarray(colours.numpy()).resize(
        (width * scale, height * scale), Image.Resampling.NEAREST
    )
    x, y = ((size // 2 + 0.5) * scale for size in (width, height))
    reach = ring * scale
    box = (x - reach, y - reach, x + reach, y + reach)
    ImageDraw.Draw(picture).ellipse(box, outline="white", width=2)
    return picture
