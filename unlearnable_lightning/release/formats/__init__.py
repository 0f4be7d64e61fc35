"""Other people's files: one format, one file. A format of yours is named by its import path.

Functions: `read_release` reads a file in a format that is known, `import_release` also finds out
which one it is, `export_release` writes one.
"""

from unlearnable_lightning.release.formats.base import Format, read_release
from unlearnable_lightning.release.formats.image_dict import ImageDict
from unlearnable_lightning.release.formats.image_folder import ImageFolder
from unlearnable_lightning.release.formats.noise_file import NoiseFile
from unlearnable_lightning.release.formats.numpy_arrays import NumpyArrays
from unlearnable_lightning.release.formats.numpy_pickle import NumpyPickle
from unlearnable_lightning.release.formats.png_folder import PNGFolder
from unlearnable_lightning.release.formats.poisoned_images import PoisonedImages
from unlearnable_lightning.release.formats.shuffled_images import ShuffledImages
from unlearnable_lightning.release.formats.torch_tensor import TorchTensor
from unlearnable_lightning.release.formats.transfer import export_release, import_release

NAMES = (
    "NoiseFile",
    "PoisonedImages",
    "NumpyArrays",
    "ShuffledImages",
    "TorchTensor",
    "NumpyPickle",
    "ImageDict",
    "PNGFolder",
    "ImageFolder",
)

__all__ = [
    "NAMES",
    "Format",
    "ImageDict",
    "ImageFolder",
    "NoiseFile",
    "NumpyArrays",
    "NumpyPickle",
    "PNGFolder",
    "PoisonedImages",
    "ShuffledImages",
    "TorchTensor",
    "export_release",
    "import_release",
    "read_release",
]
