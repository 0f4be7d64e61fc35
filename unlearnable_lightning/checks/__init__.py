"""Checks of arguments that several rooms share."""

from unlearnable_lightning.checks.labels import as_labels
from unlearnable_lightning.checks.whole_number import whole_number

__all__ = ["as_labels", "whole_number"]
