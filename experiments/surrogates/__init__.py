"""The page of surrogates: what the network and the settings of a noise do to what it becomes."""

from experiments.surrogates.page import write

__all__ = ["write"]
