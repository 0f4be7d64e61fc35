"""The measures in words: the one place that words them, for the terminal and for the page."""

from dataclasses import dataclass

from unlearnable_lightning.inspection.measures import Measures
from unlearnable_lightning.inspection.probe import Accuracy
from unlearnable_lightning.inspection.sizes import Size
from unlearnable_lightning.inspection.spectrum import LOW
from unlearnable_lightning.inspection.visibility import WINDOW


@dataclass(frozen=True)
class Table:
    """A titled table of texts; its last column is a remark."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(of: Measures) -> tuple[Table, ...]:
    """All measures but the pictures."""
    return _visibility(of), _structure(of), _separability(of), _detection(of)


def plain(table: Table) -> str:
    """For a terminal, columns below each other; without the remarks."""
    cells = [table.head[:-1], *(row[:-1] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(text.ljust(width) if place == 0 else text.rjust(width)
                  for place, (text, width) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]  # fmt: skip
    return "\n".join([table.title, *(f"  {line}" for line in lines)])


def _visibility(of: Measures) -> Table:
    size = of.sizes
    length = Size(size.l2_grey_levels.mean / 255, size.l2_grey_levels.largest / 255)
    rows = [
        ("pixels changed (L0)", *_both(size.l0_pixels, 1), "places, in any channel"),
        ("L2, grey levels", *_both(size.l2_grey_levels, 1), "over all numbers of an image"),
        ("L2, pixels in [0, 1]", *_both(length, 3), "the same, divided by 255"),
        ("L∞, grey levels", *_both(size.linf_grey_levels, 1), "the largest change of a number"),
        (
            "mean change, grey levels",
            f"{size.mean_grey_levels:+.3f}",
            "",
            "near 0 unless the noise leans to one side; -0.5 where values were floored",
        ),
        ("PSNR, dB", f"{of.psnr:.2f}", "", "of all images together; higher is less visible"),
        (
            "SSIM",
            "–" if of.ssim is None else f"{of.ssim:.4f}",
            "",
            f"images are smaller than its window of {WINDOW}×{WINDOW} pixels"
            if of.ssim is None
            else "1 is equal",
        ),
    ]
    return Table("Size and visibility", ("per image", "mean", "largest", ""), tuple(rows))


def _structure(of: Measures) -> Table:
    rows = [
        (
            "energy in class means",
            _percent(of.class_mean_share),
            "100 % is class-wise noise; without anything common to a class about "
            f"{_percent(of.class_mean_share_by_chance)}",
        ),
        (
            "variance between classes",
            _percent(of.components.class_means_share),
            f"{_needed(of.components.class_means_variance)} of "
            f"{len(of.components.class_means_variance)} directions hold 95 % of it",
        ),
        (
            "variance in 2 components",
            _percent(sum(of.components.variance[:2])),
            "what the picture of the components shows",
        ),
        (
            "mean radius of spectrum",
            f"{of.spectrum.mean_radius:.1f}",
            f"cycles per image, by power; white noise has {of.spectrum.white_radius:.1f} here",
        ),
        (
            f"power at radius ≤ {LOW}",
            _percent(of.spectrum.low_share),
            "blotches and gradients; JPEG and blur take the rest first",
        ),
    ]
    if of.colour is not None:
        rows += [
            (
                "luma share",
                _percent(of.colour.luma_share),
                "what grayscale leaves: 100 % is colourless, independent channels have 44.7 %",
            ),
            (
                f"luma share, radius ≤ {LOW}",
                _percent(of.colour.low_luma_share),
                "its smooth part",
            ),
            (f"luma share, radius > {LOW}", _percent(of.colour.high_luma_share), "its fine part"),
            ("correlation red–green", f"{of.colour.red_green:+.2f}", ""),
            ("correlation red–blue", f"{of.colour.red_blue:+.2f}", ""),
        ]
    return Table("Structure", ("measure", "value", ""), tuple(rows))


def _separability(of: Measures) -> Table:
    rows = tuple(
        (
            "the noise itself" if title == "none" else f"after {title}",
            *_accuracy(found.accuracy),
            _percent(found.energy),
            _percent(found.kept),
            _remark(title, found.energy),
        )
        for title, found in of.separability.items()
    )
    title = f"Linear separability of the noise (guessing gives {_percent(of.chance)})"
    return Table(title, ("probe on", "train", "held out", "energy left", "noise kept", ""), rows)


def _remark(defence: str, energy: float) -> str:
    if defence == "none":
        return (
            "held out far above guessing: a linear shortcut. That it survives a defence does not "
            "mean that a network trained behind this defence still takes it"
        )
    return "its own steps are larger than the noise: they enlarge it" if energy > 1 else ""


def _detection(of: Measures) -> Table:
    rows = (
        ("clean images", *_accuracy(of.detection_clean), "what the classes themselves give"),
        (
            "images as published",
            *_accuracy(of.detection_served),
            "far above: a shortcut shows; near: none that is linear",
        ),
    )
    return Table(
        "Can a defender tell? A linear probe on pixels", ("", "train", "held out", ""), rows
    )


def _needed(shares: tuple[float, ...]) -> int:
    """How many of the shares, the largest first, make 95 %."""
    total, count = 0.0, 0
    while count < len(shares) and total < 0.95:
        total, count = total + shares[count], count + 1
    return count


def _both(size: Size, digits: int) -> tuple[str, str]:
    return f"{size.mean:.{digits}f}", f"{size.largest:.{digits}f}"


def _accuracy(found: Accuracy) -> tuple[str, str]:
    return _percent(found.train), _percent(found.held_out)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
