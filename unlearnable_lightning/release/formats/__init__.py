"""Other people's files: one format, one file. A format of yours is named by its import path."""

from unlearnable_lightning.release.formats.base import Format, read_release
from unlearnable_lightning.release.formats.poisoned_images import PoisonedImages

NAMES = ("PoisonedImages",)

__all__ = ["NAMES", "Format", "PoisonedImages", "read_release"]
