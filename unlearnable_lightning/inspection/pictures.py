"""What the page shows beside its tables: the noise as points, and its spectrum."""

from torch import Tensor

from unlearnable_lightning.inspection.drawing import COLOURS, heat, scatter
from unlearnable_lightning.inspection.embedding import embedding
from unlearnable_lightning.inspection.measures import Measures
from unlearnable_lightning.inspection.page import Picture
from unlearnable_lightning.inspection.spectrum import LOW

_DECADES = 4


def pictures(of: Measures, labels: Tensor, tsne: int | None, seed: int) -> list[Picture]:
    """Components, t-SNE if it is asked for, and spectrum.

    Args:
        of: the measures.
        labels: int64 [N], of the images that were measured.
        tsne: how many of these t-SNE places; None for none.
        seed: of t-SNE.
    """
    classes, points = labels.unique(), of.components.points
    shown = [Picture(scatter(_plane(points), labels, classes), _of_components(of))]
    if tsne is not None:
        rows = slice(0, None, -(-len(points) // min(tsne, len(points))))
        placed, kept = embedding(points[rows], seed), labels[rows]
        caption = (
            f"t-SNE of the first {points.shape[1]} components of {len(kept)} of these (seed "
            f"{seed}). Islands are images with nearly the same noise; distances between islands "
            "mean nothing."
        )
        shown.append(Picture(scatter(placed, kept, classes), caption))
    return [*shown, Picture(heat(of.spectrum.power, LOW, _DECADES), _of_spectrum())]


def _plane(points: Tensor) -> Tensor:
    """The first two components; noise with only one lies on the diagonal."""
    return points[:, [0, min(1, points.shape[1] - 1)]]


def _of_components(of: Measures) -> str:
    first, second = (*of.components.variance, 0.0)[:2]
    return (
        f"The noise of each image as a point, coloured by class: its first principal component to "
        f"the right ({100 * first:.1f} % of the variance), its second upwards ({100 * second:.1f} "
        f"%). A point for each class means class-wise noise; one cloud of all colours says only "
        "that no class shows in these two."
        + (f" Colours are of the first {len(COLOURS)} classes." if _many(of) else "")
    )


def _many(of: Measures) -> bool:
    return len(of.components.class_means_variance) + 1 > len(COLOURS)


def _of_spectrum() -> str:
    return (
        "Power of the noise by frequency, mean over images and channels: a flat colour is the "
        f"centre, finest grain the border, the circle is {LOW} cycles per image. Dark to yellow is "
        f"{_DECADES} powers of ten, up to the largest; one colour all over is white noise."
    )
