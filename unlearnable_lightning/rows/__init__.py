"""Rows of numbers that are read from files when they are asked for, and not held in memory."""

from unlearnable_lightning.rows.base import PIECE, AnyRows, Rows, pieces, whole
from unlearnable_lightning.rows.file import FileRows
from unlearnable_lightning.rows.tensor_file import tensor_header

__all__ = ["PIECE", "AnyRows", "FileRows", "Rows", "pieces", "tensor_header", "whole"]
