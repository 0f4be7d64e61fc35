"""The contract of a model that learns from leaked pairs."""

from abc import ABC, abstractmethod

from torch import Tensor


class LeakModel(ABC):
    """Learns from pairs (protected, clean), then estimates clean images of protected ones."""

    @abstractmethod
    def fit(self, protected: Tensor, clean: Tensor, labels: Tensor) -> None:
        """Learns; the random stream of torch must be left alone.

        Args:
            protected: float [n, C, H, W] in pixels.
            clean: float [n, C, H, W] in [0, 1].
            labels: int64 [n].
        """

    @abstractmethod
    def denoise(self, protected: Tensor, labels: Tensor) -> Tensor:
        """Estimates of clean images, float [B, C, H, W]; they may leave [0, 1].

        Args:
            protected: float [B, C, H, W] in pixels.
            labels: int64 [B]; some may be of a class that had no pair.
        """
