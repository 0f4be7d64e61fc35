"""What can be said of a noise without training a network: measures, and a page of pictures."""

from unlearnable_lightning.inspection.by_class import class_mean_share, class_means
from unlearnable_lightning.inspection.colour import Colour, colour
from unlearnable_lightning.inspection.components import Components, components
from unlearnable_lightning.inspection.embedding import embedding
from unlearnable_lightning.inspection.measures import Measures, drawn, measure
from unlearnable_lightning.inspection.pair import Pair
from unlearnable_lightning.inspection.pixel_defences import pixel_defences
from unlearnable_lightning.inspection.probe import Accuracy, linear_probe
from unlearnable_lightning.inspection.separability import Separability, detection, separability
from unlearnable_lightning.inspection.sizes import Size, Sizes, sizes
from unlearnable_lightning.inspection.spectrum import Spectrum, spectrum
from unlearnable_lightning.inspection.visibility import psnr, ssim

__all__ = [
    "Accuracy",
    "Colour",
    "Components",
    "Measures",
    "Pair",
    "Separability",
    "Size",
    "Sizes",
    "Spectrum",
    "class_mean_share",
    "class_means",
    "colour",
    "components",
    "detection",
    "drawn",
    "embedding",
    "linear_probe",
    "measure",
    "pixel_defences",
    "psnr",
    "separability",
    "sizes",
    "spectrum",
    "ssim",
]
