"""Which classes a user may name where an argument takes a class."""

import difflib
import inspect
from collections.abc import Iterable
from importlib import import_module

from lightning import LightningModule
from torch import nn


def known_classes(base: type) -> list[str]:
    """Names of the concrete subclasses of `base` in the package that it comes from; of torch's
    hundreds of modules, our augmentations alone."""
    if base is nn.Module:
        return sorted(import_module("unlearnable_lightning.augment").__all__)
    ours = base is LightningModule or base.__module__.startswith("unlearnable_lightning.")
    home = "unlearnable_lightning." if ours else base.__module__.partition(".")[0] + "."
    return sorted(
        {
            each.__name__
            for each in _subclasses(base)
            if each.__module__.startswith(home)
            and not inspect.isabstract(each)
            and not each.__name__.startswith("_")
        }
    )


def _subclasses(base: type) -> Iterable[type]:
    children: list[type] = base.__subclasses__()
    for each in children:
        yield each
        yield from _subclasses(each)


def nearest(word: str, words: Iterable[str]) -> str:
    """The question "Did you mean X?" with the one of `words` that is most like `word` or contains
    it, after a blank; empty if there is none."""
    lower = {each.lower(): each for each in words}
    found = difflib.get_close_matches(word.lower(), lower, n=1)
    found += [each for each in lower if len(word) > 2 and word.lower() in each]
    return f" Did you mean {lower[found[0]]}?" if found else ""
