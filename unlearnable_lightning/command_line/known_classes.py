"""Which classes a user may name where an argument takes a class."""

import difflib
import inspect
from collections.abc import Iterable
from importlib import import_module

from torch import nn

_OURS = "unlearnable_lightning."


def known_classes(base: type) -> list[str]:
    """Names of the concrete subclasses of `base`: those of this package, else those of the
    package that `base` comes from. Of torch's hundreds of modules, our augmentations alone."""
    if base is nn.Module:
        return sorted(import_module("unlearnable_lightning.augment").__all__)
    concrete = [each for each in _subclasses(base) if not inspect.isabstract(each)]
    public = [each for each in concrete if not each.__qualname__.startswith("_")]
    ours = [each for each in public if each.__module__.startswith(_OURS)]
    home = base.__module__.partition(".")[0] + "."
    theirs = [each for each in public if each.__module__.startswith(home)]
    return sorted({each.__name__ for each in ours or theirs})


def _subclasses(base: type) -> Iterable[type]:
    for each in base.__subclasses__():
        yield each
        yield from _subclasses(each)


def nearest(word: str, words: Iterable[str]) -> str:
    """ "" or " Did you mean X?" with the one of `words` that is most like `word`."""
    lower = {each.lower(): each for each in words}
    found = difflib.get_close_matches(word.lower(), lower, n=1)
    return f" Did you mean {lower[found[0]]}?" if found else ""
