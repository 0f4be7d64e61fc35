"""All measures of a noise, taken without training a network."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.inspection.by_class import class_mean_share
from unlearnable_lightning.inspection.colour import Colour, colour
from unlearnable_lightning.inspection.components import Components, components
from unlearnable_lightning.inspection.pair import Pair
from unlearnable_lightning.inspection.probe import Accuracy
from unlearnable_lightning.inspection.separability import Separability, detection, separability
from unlearnable_lightning.inspection.sizes import Sizes, sizes
from unlearnable_lightning.inspection.spectrum import Spectrum, spectrum
from unlearnable_lightning.inspection.visibility import psnr, ssim

LEAST = 50  # images: the probe's share that is held out has ten of them then
USUAL = 10_000
_MOST_NUMBERS = 2**27  # of all images together: half a gigabyte as float32
_OF_SSIM = 1000  # images, 2 seconds: with 5000 it changes by less than 0.001


@dataclass(frozen=True)
class Measures:
    """Of the images that a noise changes, or of some of them.

    Attributes:
        images: how many there are in the data set.
        changed: how many of these the noise changes.
        inspected: how many of the changed ones the measures are taken of.
        chance: the share of the largest class among them, which a probe reaches without any
            evidence.
        sizes: norms in grey levels.
        psnr: in dB, from the mean squared error of all images.
        ssim: None for images smaller than its window.
        class_mean_share: of the energy of the noise.
        class_mean_share_by_chance: about what noise without any class has, K / N.
        colour: None for images of one channel.
        spectrum: of its power.
        components: its principal ones.
        separability: by defence; `none` is the noise itself.
        detection_clean: a linear probe on images as they were.
        detection_served: the same on images of the data set as it is published, changed or not.
    """

    images: int
    changed: int
    inspected: int
    chance: float
    sizes: Sizes
    psnr: float
    ssim: float | None
    class_mean_share: float
    class_mean_share_by_chance: float
    colour: Colour | None
    spectrum: Spectrum
    components: Components
    separability: dict[str, Separability]
    detection_clean: Accuracy
    detection_served: Accuracy

    def as_json(self) -> dict[str, Any]:
        """Plain values; without the pictures' numbers."""
        plain = dataclasses.asdict(self)
        plain["spectrum"].pop("power")
        plain["components"].pop("points")
        return plain


def drawn(pair: Pair, images: int | None = None, seed: int = 0) -> Tensor:
    """Rows of the images that are measured: some that the noise changes, of each class alike.

    Args:
        pair: all images of the data set.
        images: how many; None takes 10 000, fewer of large images (half a gigabyte as float32),
            and all if there are fewer.
        seed: of the draw.

    Returns:
        int64, ascending.

    Raises:
        UnlearnableError: the noise changes no image, too few or those of one class; or a number of
            images below 50.
    """
    if images is not None:
        whole_number("images", images, LEAST, f"an inspection takes at least {LEAST} images")
    changed = pair.touched.nonzero().flatten()
    if len(changed) < LEAST:
        raise UnlearnableError(
            f"the noise changes {len(changed)} of {len(pair)} images; an inspection takes at least "
            f"{LEAST}, a fifth of which are held out from the linear probe. Inspect the noise of "
            "more images."
        )
    labels = pair.labels[changed]
    if len(labels.unique()) < 2:
        raise UnlearnableError(
            f"the noise changes images of class {int(labels[0])} alone; what it tells of a class "
            "shows beside another one. Inspect a noise of at least 2 classes."
        )
    room = max(LEAST, _MOST_NUMBERS // pair.clean[0].numel())
    count = min(len(changed), images or min(USUAL, room))
    return changed[stratified(labels, count, seed)]


def measure(pair: Pair, rows: Tensor, seed: int = 0) -> Measures:
    """All measures of the images of `rows`.

    Args:
        pair: all images of the data set.
        rows: int64 [R], as `drawn` gives them.
        seed: of the probes' splits.
    """
    part = pair.rows(rows)
    # a defender sees all images, changed or not: as many of them, each class alike
    served = stratified(pair.labels, len(rows), seed)
    classes = part.labels.bincount()
    return Measures(
        images=len(pair),
        changed=int(pair.touched.sum()),
        inspected=len(rows),
        chance=int(classes.max()) / len(rows),
        sizes=sizes(part),
        psnr=psnr(part),
        ssim=ssim(part.rows(_spread(len(part), _OF_SSIM))),
        class_mean_share=class_mean_share(part),
        class_mean_share_by_chance=int((classes > 0).sum()) / len(rows),
        colour=colour(part),
        spectrum=spectrum(part),
        components=components(part, seed),
        separability=separability(part, seed),
        detection_clean=detection(pair.clean[served], pair.labels[served], seed),
        detection_served=detection(pair.poisoned[served], pair.labels[served], seed),
    )


def _spread(count: int, most: int) -> Tensor:
    """At most `most` of `count` rows, evenly spread: the images may be sorted by class."""
    return torch.arange(0, count, max(1, -(-count // most)))
